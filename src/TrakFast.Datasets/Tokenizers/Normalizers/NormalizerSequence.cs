namespace TrakFast.Datasets;

/// <summary>Normalizers one after another.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<TextNormalizer> normalizers) : TextNormalizer
{
    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        foreach (TextNormalizer normalizer in normalizers) text = normalizer.Apply(text);
        return text;
    }
}
