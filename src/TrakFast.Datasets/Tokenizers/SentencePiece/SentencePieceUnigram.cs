namespace TrakFast.Datasets;

/// <summary>The most probable division, in single precision as SentencePiece computes it.</summary>
internal sealed class SentencePieceUnigram : SentencePieceModel
{
    private const float UnknownPenalty = 10;

    private readonly TokenTrie _trie = new();
    private readonly float _least = float.MaxValue;
    private readonly float _most = float.MinValue;

    /// <summary>Takes the pieces.</summary>
    public SentencePieceUnigram(SentencePieceFile file)
        : base(file)
    {
        foreach ((string text, int id) in Ids) _trie.Add(text, id);
        foreach (Piece piece in file.Pieces)
        {
            if (piece.Kind != PieceKind.Normal) continue;
            _least = Math.Min(_least, piece.Score);
            _most = Math.Max(_most, piece.Score);
        }
    }

    /// <inheritdoc/>
    public override void Divide(ReadOnlySpan<char> text, List<ModelToken> tokens)
    {
        (int Id, int Start, float Score)[] best = new (int, int, float)[text.Length + 1];
        Array.Fill(best, (0, -1, 0));
        for (int start = 0; start < text.Length;)
        {
            int bytes = CodePoints.Utf8Length(CodePoints.At(text, start, out int length));
            bool single = false;
            int node = 0, taken = 0;
            for (int end = start; end < text.Length && _trie.Step(ref node, text[end], out int id); end++)
            {
                // A user-defined piece outweighs everything, by its number of bytes.
                taken += char.IsHighSurrogate(text[end]) ? 0 : char.IsLowSurrogate(text[end]) ? 4 : CodePoints.Utf8Length(text[end]);
                if (id < 0 || File.Pieces[id].Kind == PieceKind.Unused) continue;
                double score = File.Pieces[id].Kind == PieceKind.UserDefined ? (taken * _most) - 0.1 : File.Pieces[id].Score;
                Offer(ref best[end + 1], id, start, score + best[start].Score);
                single |= taken == bytes;
            }

            if (!single) Offer(ref best[start + length], File.UnknownId, start, _least - UnknownPenalty + best[start].Score);
            start += length;
        }

        int before = tokens.Count;
        for (int end = text.Length; end > 0; end = best[end].Start) tokens.Add(new ModelToken(best[end].Id, best[end].Start, end));
        tokens.Reverse(before, tokens.Count - before);
    }

    private static void Offer(ref (int Id, int Start, float Score) best, int id, int start, double score)
    {
        if (best.Start < 0 || score > best.Score) best = (id, start, (float)score);
    }
}
