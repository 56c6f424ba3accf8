namespace TrakFast.Datasets;

/// <summary>The longest token that a word begins with, then the longest that the rest begins with, and so on.</summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="unknown">The token for a word that cannot be divided so.</param>
/// <param name="prefix">What tokens begin with that do not begin a word: ##.</param>
/// <param name="longest">Number of code points of the longest word that is divided.</param>
internal sealed class WordPieceModel(Vocabulary vocabulary, string unknown, string prefix, int longest) : TokenModel(vocabulary)
{
    // No longer part of a word need be looked up.
    private readonly int _longestToken = vocabulary.Tokens.Select(static t => t.Key.Length).DefaultIfEmpty(0).Max();

    /// <inheritdoc/>
    public override string Kind => "WordPiece";

    /// <inheritdoc/>
    protected override void Divide(ReadOnlySpan<char> word, List<ModelToken> tokens)
    {
        int before = tokens.Count;
        if (CodePoints.Count(word) <= longest && Pieces(word, tokens)) return;
        tokens.RemoveRange(before, tokens.Count - before);
        tokens.Add(new ModelToken(Unknown(unknown, word), 0, word.Length));
    }

    private bool Pieces(ReadOnlySpan<char> word, List<ModelToken> tokens)
    {
        char[] buffer = new char[prefix.Length + word.Length];
        prefix.CopyTo(buffer);
        word.CopyTo(buffer.AsSpan(prefix.Length));
        for (int start = 0; start < word.Length;)
        {
            // The prefix stands before what is left; for that, it overwrites what is done.
            if (start > 0) prefix.CopyTo(buffer.AsSpan(start));
            int from = start == 0 ? prefix.Length : start, shift = start == 0 ? 0 : prefix.Length;
            int end = (int)Math.Min(word.Length, start + (long)Math.Max(0, _longestToken - shift)), id = 0;
            while (end > start && !Found(end, out id)) end--;
            if (end <= start) return false;
            tokens.Add(new ModelToken(id, start, end));
            start = end;

            bool Found(int stop, out int found)
            {
                found = 0;
                return (stop == buffer.Length - prefix.Length || !char.IsLowSurrogate(buffer[prefix.Length + stop]))
                    && Vocabulary.TryGetId(buffer.AsSpan(from, stop - start + shift), out found);
            }
        }

        return true;
    }
}
