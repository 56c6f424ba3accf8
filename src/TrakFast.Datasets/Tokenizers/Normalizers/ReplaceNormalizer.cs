namespace TrakFast.Datasets;

/// <summary>Replaces what a pattern matches.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : TextNormalizer
{
    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        if (text.Length == 0) return text;
        List<TextMatch> matches = pattern.Find(text.Chars);
        if (!matches.Exists(static m => m.IsMatch)) return text;
        AlignedText result = text.Empty();
        foreach (TextMatch match in matches)
        {
            if (!match.IsMatch) result.Append(text, match.Start, match.End - match.Start);
            else if (match.End == 0) result.Append(content, 0, 0);
            else result.Append(content, text.StartOf(match.End - 1), text.EndOf(match.End - 1));
        }

        return result;
    }
}
