namespace TrakFast.Cli.Vocabularies;

/// <summary>Leaves out what only fills up a row of token ids.</summary>
internal static class Padding
{
    /// <summary>The ids where the mask is not 0.</summary>
    public static IReadOnlyList<long> RemoveMasked(IReadOnlyList<long> ids, IReadOnlyList<float> mask) =>
        [.. ids.Where((_, t) => mask[t] != 0)];

    /// <summary>
    /// The ids without padding, for rows that come without a mask: padding tokens anywhere, repeats of a special token at
    /// the end (CLIP pads with its end token), and zeros behind a special token at the end (as OpenAI's CLIP pads).
    /// </summary>
    public static IReadOnlyList<long> Remove(IReadOnlyList<long> ids, Vocabulary vocabulary)
    {
        List<long> kept = [.. ids.Where(id => !vocabulary.IsPadding(id))];
        int zeros = kept.Count - 1 - kept.FindLastIndex(static id => id != 0);
        if (zeros > 0 && zeros < kept.Count && vocabulary.IsSpecial(kept[^(zeros + 1)])) kept.RemoveRange(kept.Count - zeros, zeros);
        while (kept.Count > 1 && kept[^1] == kept[^2] && vocabulary.IsSpecial(kept[^1])) kept.RemoveAt(kept.Count - 1);
        return kept;
    }
}
