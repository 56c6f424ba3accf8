namespace TrakFast.Datasets;

/// <summary>Writes every byte of the UTF-8 text as a visible character.</summary>
internal sealed class ByteLevelNormalizer : TextNormalizer
{
    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        AlignedText result = text.Empty();
        ByteAlphabet.Write(text, 0, text.Length, result);
        return result;
    }
}
