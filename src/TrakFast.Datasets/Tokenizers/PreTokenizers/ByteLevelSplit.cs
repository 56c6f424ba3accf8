namespace TrakFast.Datasets;

/// <summary>GPT-2's splitting, after which every byte is a visible character.</summary>
/// <param name="prefixSpace">Whether a piece that begins without a space gets one.</param>
/// <param name="split">Whether pieces are split by GPT-2's expression.</param>
internal sealed class ByteLevelSplit(bool prefixSpace, bool split) : PreTokenizer
{
    private static readonly PatternSplit Words = new(
        new RegexPattern(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"), SplitBehavior.Isolated);

    /// <inheritdoc/>
    public override List<TextPiece> Apply(List<TextPiece> pieces)
    {
        List<TextPiece> result = new(pieces.Count), words = [];
        AlignedText? bytes = null;
        foreach (TextPiece given in pieces)
        {
            if (given.Token >= 0)
            {
                result.Add(given);
                continue;
            }

            TextPiece piece = given;
            if (prefixSpace && piece.Chars is not [' ', ..]) piece = PieceText.Prepend(piece, " ");
            words.Clear();
            if (split) Words.Split(piece, words);
            else words.Add(piece);
            bytes ??= piece.Text.Empty();
            foreach (TextPiece word in words)
            {
                int start = bytes.Length;
                ByteAlphabet.Write(word.Text, word.Start, word.Length, bytes);
                result.Add(new TextPiece(bytes, start, bytes.Length - start));
            }
        }

        return result;
    }
}
