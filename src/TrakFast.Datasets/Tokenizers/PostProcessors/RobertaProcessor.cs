namespace TrakFast.Datasets;

/// <summary>&lt;s&gt; A &lt;/s&gt; and &lt;/s&gt; B &lt;/s&gt;, all of type 0.</summary>
/// <param name="sep">Token between and after.</param>
/// <param name="cls">Token before.</param>
/// <param name="trim">What takes spaces off the places of tokens; null leaves them.</param>
internal sealed class RobertaProcessor(int sep, int cls, OffsetTrimmer? trim) : PostProcessor
{
    /// <inheritdoc/>
    public override int Added(bool pair) => pair ? 4 : 2;

    /// <inheritdoc/>
    public override List<List<EncodedToken>> Apply(List<List<EncodedToken>> sequences, bool addSpecial)
    {
        List<List<EncodedToken>> plain = [.. sequences.Select(s => WithType(trim is null ? s : trim.Apply(s), 0))];
        return !addSpecial
            ? plain
            : [.. plain.Select((s, i) => (List<EncodedToken>)[Special(i == 0 ? cls : sep, 0), .. s, Special(sep, 0)])];
    }
}
