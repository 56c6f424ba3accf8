namespace TrakFast.Datasets;

/// <summary>Single characters of a kind.</summary>
/// <param name="matches">Whether a code point is one.</param>
internal sealed class CharacterPattern(Func<int, bool> matches) : TextPattern
{
    /// <inheritdoc/>
    public override List<TextMatch> Find(ReadOnlySpan<char> text)
    {
        List<TextMatch> result = [];
        int last = 0;
        for (int i = 0; i < text.Length;)
        {
            int c = CodePoints.At(text, i, out int length);
            if (matches(c))
            {
                if (last < i) result.Add(new TextMatch(last, i, false));
                last = i + length;
                result.Add(new TextMatch(i, last, true));
            }

            i += length;
        }

        if (last < text.Length) result.Add(new TextMatch(last, text.Length, false));
        return result;
    }
}
