namespace TrakFast.Datasets;

/// <summary>Lower-cases every character by itself: a final sigma is like any other.</summary>
internal sealed class LowercaseNormalizer : TextNormalizer
{
    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        AlignedText result = text.Empty();
        for (int i = 0; i < text.Length;)
        {
            int c = text.CodePointAt(i, out int length);
            int start = text.StartOf(i), end = text.EndOf(i);
            i += length;
            if (c < 128) result.Append((char)(c is >= 'A' and <= 'Z' ? c | 0x20 : c), start, end);
            else if (Characters.Lower(c) is not { } lower) result.Append(c, start, end);
            else foreach (int l in lower) result.Append(l, start, end);
        }

        return result;
    }
}
