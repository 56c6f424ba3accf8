namespace TrakFast.Datasets;

/// <summary>Splits into pieces of the same number of code points.</summary>
internal sealed class FixedLengthSplit(int codePoints) : PreTokenizer
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
            for (int i = 0; i < chars.Length;)
            {
                int start = i;
                for (int n = 0; n < codePoints && i < chars.Length; n++)
                {
                    CodePoints.At(chars, i, out int length);
                    i += length;
                }

                result.Add(piece with { Start = piece.Start + start, Length = i - start });
            }
        }

        return result;
    }
}
