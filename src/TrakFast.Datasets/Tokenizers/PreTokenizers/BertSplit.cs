namespace TrakFast.Datasets;

/// <summary>Splits at white space and around every punctuation mark.</summary>
internal sealed class BertSplit : PreTokenizer
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
            int start = 0;
            for (int i = 0; i < chars.Length;)
            {
                int c = CodePoints.At(chars, i, out int length);
                bool white = Characters.IsWhite(c);
                if (white || Characters.IsPunctuation(c))
                {
                    if (i > start) result.Add(piece with { Start = piece.Start + start, Length = i - start });
                    if (!white) result.Add(piece with { Start = piece.Start + i, Length = length });
                    start = i + length;
                }

                i += length;
            }

            if (chars.Length > start) result.Add(piece with { Start = piece.Start + start, Length = chars.Length - start });
        }

        return result;
    }
}
