namespace TrakFast.Datasets;

/// <summary>Adds no tokens; takes spaces off their places.</summary>
internal sealed class ByteLevelProcessor(OffsetTrimmer? trim) : PostProcessor
{
    /// <inheritdoc/>
    public override int Added(bool pair) => 0;

    /// <inheritdoc/>
    public override List<List<EncodedToken>> Apply(List<List<EncodedToken>> sequences, bool addSpecial) =>
        trim is null ? sequences : [.. sequences.Select(trim.Apply)];
}
