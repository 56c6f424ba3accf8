namespace TrakFast.Datasets;

/// <summary>Keeps runs of word characters and runs of other characters that are no white space.</summary>
internal sealed class WordSplit : PreTokenizer
{
    /// <inheritdoc/>
    public override List<TextPiece> Apply(List<TextPiece> pieces)
    {
        List<TextPiece> result = new(pieces.Count);
        foreach (TextPiece piece in pieces)
        {
            if (piece.Token >= 0)
            {
                result.Add(piece);
                continue;
            }

            ReadOnlySpan<char> chars = piece.Chars;
            int start = 0, kind = 0;
            for (int i = 0; i < chars.Length;)
            {
                int c = CodePoints.At(chars, i, out int length);
                int now = Characters.IsWord(c) ? 1 : Characters.IsWhite(c) ? 0 : 2;
                if (now != kind)
                {
                    if (kind != 0) result.Add(piece with { Start = piece.Start + start, Length = i - start });
                    start = i;
                    kind = now;
                }

                i += length;
            }

            if (kind != 0) result.Add(piece with { Start = piece.Start + start, Length = chars.Length - start });
        }

        return result;
    }
}
