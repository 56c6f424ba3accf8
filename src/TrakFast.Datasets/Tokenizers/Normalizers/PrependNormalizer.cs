namespace TrakFast.Datasets;

/// <summary>Puts characters before a text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : TextNormalizer
{
    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        if (text.Length == 0) return text;
        AlignedText result = text.Empty();
        result.Append(prefix, text.StartOf(0), text.EndOf(0));
        result.Append(text, 0, text.Length);
        return result;
    }
}
