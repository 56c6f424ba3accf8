namespace TrakFast.Datasets;

/// <summary>Changes of pieces.</summary>
internal static class PieceText
{
    /// <summary>The piece with characters before it, which come from where its first one does.</summary>
    public static TextPiece Prepend(TextPiece piece, string prefix)
    {
        AlignedText text = piece.Text.Empty();
        if (piece.Length == 0) return new TextPiece(text, 0, 0);
        text.Append(prefix, piece.Text.StartOf(piece.Start), piece.Text.EndOf(piece.Start));
        text.Append(piece.Text, piece.Start, piece.Length);
        return new TextPiece(text, 0, text.Length);
    }
}
