namespace TrakFast.Datasets;

/// <summary>Pre-tokenizers one after another.</summary>
internal sealed class PreTokenizerSequence(IReadOnlyList<PreTokenizer> preTokenizers) : PreTokenizer
{
    /// <inheritdoc/>
    public override List<TextPiece> Apply(List<TextPiece> pieces)
    {
        foreach (PreTokenizer preTokenizer in preTokenizers) pieces = preTokenizer.Apply(pieces);
        return pieces;
    }
}
