namespace TrakFast.Datasets;

/// <summary>[CLS] A [SEP] and B [SEP].</summary>
internal sealed class BertProcessor(int sep, int cls) : PostProcessor
{
    /// <inheritdoc/>
    public override int Added(bool pair) => pair ? 3 : 2;

    /// <inheritdoc/>
    public override List<List<EncodedToken>> Apply(List<List<EncodedToken>> sequences, bool addSpecial) => !addSpecial
        ? sequences
        : [.. sequences.Select((s, i) => i == 0
            ? (List<EncodedToken>)[Special(cls, 0), .. s, Special(sep, 0)]
            : [.. s, Special(sep, 1)])];
}
