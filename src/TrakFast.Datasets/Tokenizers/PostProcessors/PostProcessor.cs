namespace TrakFast.Datasets;

/// <summary>Adds the tokens that a model wants around texts.</summary>
internal abstract class PostProcessor
{
    /// <summary>Number of tokens that are added.</summary>
    public abstract int Added(bool pair);

    /// <summary>Rewrites the sequences, one or two to begin with, which are joined at the end.</summary>
    public abstract List<List<EncodedToken>> Apply(List<List<EncodedToken>> sequences, bool addSpecial);

    /// <summary>The sequences as one, as their first and second.</summary>
    /// <param name="processor">What adds tokens; null for nothing.</param>
    /// <param name="sequences">One or two sequences.</param>
    /// <param name="addSpecial">Whether tokens are added.</param>
    public static List<EncodedToken> Join(PostProcessor? processor, List<List<EncodedToken>> sequences, bool addSpecial)
    {
        for (int i = 0; i < sequences.Count; i++) sequences[i] = [.. sequences[i].Select(t => t with { TypeId = i, Text = i })];
        if (processor is not null) sequences = processor.Apply(sequences, addSpecial);
        return sequences.Count == 1 ? sequences[0] : [.. sequences.SelectMany(static s => s)];
    }

    /// <summary>A token that is added.</summary>
    protected static EncodedToken Special(int id, int type) => new(id, type, true, 0, 0);

    /// <summary>The sequence with another type.</summary>
    protected static List<EncodedToken> WithType(List<EncodedToken> sequence, int type) =>
        [.. sequence.Select(t => t with { TypeId = type })];
}
