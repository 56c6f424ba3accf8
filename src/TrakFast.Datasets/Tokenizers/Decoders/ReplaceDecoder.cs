using System.Text;

namespace TrakFast.Datasets;

/// <summary>Replaces what a pattern matches in every text.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Apply(List<string> tokens) => [.. tokens.Select(Replace)];

    private string Replace(string text)
    {
        if (text.Length == 0) return text;
        StringBuilder result = new();
        foreach (TextMatch match in pattern.Find(text)) result.Append(match.IsMatch ? content : text.AsSpan()[match.Start..match.End]);
        return result.ToString();
    }
}
