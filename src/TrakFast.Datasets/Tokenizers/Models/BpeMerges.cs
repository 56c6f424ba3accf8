namespace TrakFast.Datasets;

/// <summary>Which pairs of tokens become one, and which first.</summary>
internal sealed class BpeMerges
{
    private readonly Dictionary<long, (int Rank, int Id)> _merges;

    /// <summary>Takes the merges in their order.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">Pairs of tokens; the last of several merges of one pair counts.</param>
    /// <param name="prefix">What tokens begin with that do not begin a word, and what a merge drops.</param>
    /// <exception cref="InputException">A token of a merge is not in the vocabulary.</exception>
    public BpeMerges(Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, string? prefix)
    {
        _merges = new Dictionary<long, (int, int)>(merges.Count);
        int drop = prefix?.Length ?? 0;
        for (int rank = 0; rank < merges.Count; rank++)
        {
            (string left, string right) = merges[rank];
            if (right.Length < drop) throw Missing(right, rank);
            if (vocabulary.IdOf(left) is not { } l) throw Missing(left, rank);
            if (vocabulary.IdOf(right) is not { } r) throw Missing(right, rank);
            string whole = left + right[drop..];
            if (vocabulary.IdOf(whole) is not { } id) throw Missing(whole, rank);
            _merges[Pair(l, r)] = (rank, id);
        }
    }

    /// <summary>What two tokens become.</summary>
    public bool TryGet(int left, int right, out int rank, out int id)
    {
        bool found = _merges.TryGetValue(Pair(left, right), out (int Rank, int Id) merge);
        (rank, id) = merge;
        return found;
    }

    private static long Pair(int left, int right) => ((long)left << 32) | (uint)right;

    private static InputException Missing(string token, int rank) =>
        new($"Merge {rank + 1} has the token {TokenizerText.Quote(token)}, which is not in the vocabulary.");
}
