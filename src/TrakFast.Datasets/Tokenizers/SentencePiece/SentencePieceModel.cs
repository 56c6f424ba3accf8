namespace TrakFast.Datasets;

/// <summary>Divides normalized texts as SentencePiece does.</summary>
internal abstract class SentencePieceModel
{
    /// <summary>Takes the pieces.</summary>
    protected SentencePieceModel(SentencePieceFile file)
    {
        File = file;
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int i = 0; i < file.Pieces.Count; i++)
        {
            Piece piece = file.Pieces[i];
            bool found = piece.Kind is PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused;
            if (found && !ids.TryAdd(piece.Text, i))
                throw new InputException($"it has the piece {TokenizerText.Quote(piece.Text)} twice.");
        }

        Ids = ids;
    }

    /// <summary>The model's file.</summary>
    protected SentencePieceFile File { get; }

    /// <summary>Numbers of the pieces that are found in texts.</summary>
    protected Dictionary<string, int> Ids { get; }

    /// <summary>The pieces of a text; unknown characters one by one.</summary>
    public abstract void Divide(ReadOnlySpan<char> text, List<ModelToken> tokens);
}
