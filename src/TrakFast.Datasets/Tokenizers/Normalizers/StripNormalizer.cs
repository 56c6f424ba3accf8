namespace TrakFast.Datasets;

/// <summary>Drops white space at the beginning, at the end or at both.</summary>
internal sealed class StripNormalizer(bool left, bool right) : TextNormalizer
{
    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        // No white space is beyond the basic plane.
        int start = 0, end = text.Length;
        ReadOnlySpan<char> chars = text.Chars;
        while (left && start < end && Characters.IsWhite(chars[start])) start++;
        while (right && end > start && Characters.IsWhite(chars[end - 1])) end--;
        return start == 0 && end == text.Length ? text : text.Slice(start, end - start);
    }
}
