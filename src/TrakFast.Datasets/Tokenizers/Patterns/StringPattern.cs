namespace TrakFast.Datasets;

/// <summary>One string wherever it stands; an empty one stands before every character and at the end.</summary>
internal sealed class StringPattern(string value) : TextPattern
{
    /// <inheritdoc/>
    public override List<TextMatch> Find(ReadOnlySpan<char> text)
    {
        List<TextMatch> result = [];
        int last = 0;
        if (value.Length == 0)
        {
            for (int i = 0; i < text.Length; i += text[i] is >= '\uD800' and <= '\uDBFF' ? 2 : 1)
            {
                if (i > last) result.Add(new TextMatch(last, i, false));
                result.Add(new TextMatch(i, i, true));
                last = i;
            }

            if (last < text.Length) result.Add(new TextMatch(last, text.Length, false));
            result.Add(new TextMatch(text.Length, text.Length, true));
            return result;
        }

        while (text[last..].IndexOf(value, StringComparison.Ordinal) is >= 0 and int at)
        {
            if (at > 0) result.Add(new TextMatch(last, last + at, false));
            result.Add(new TextMatch(last + at, last + at + value.Length, true));
            last += at + value.Length;
        }

        if (last < text.Length) result.Add(new TextMatch(last, text.Length, false));
        return result;
    }
}
