namespace TrakFast.Datasets;

/// <summary>Splits texts into the words that the model sees one by one.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Splits every piece that is no added token; empty pieces go.</summary>
    public abstract List<TextPiece> Apply(List<TextPiece> pieces);
}
