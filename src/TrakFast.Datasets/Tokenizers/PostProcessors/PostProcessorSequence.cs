namespace TrakFast.Datasets;

/// <summary>Post-processors one after another.</summary>
internal sealed class PostProcessorSequence(IReadOnlyList<PostProcessor> processors) : PostProcessor
{
    /// <inheritdoc/>
    public override int Added(bool pair) => processors.Sum(p => p.Added(pair));

    /// <inheritdoc/>
    public override List<List<EncodedToken>> Apply(List<List<EncodedToken>> sequences, bool addSpecial)
    {
        foreach (PostProcessor processor in processors) sequences = processor.Apply(sequences, addSpecial);
        return sequences;
    }
}
