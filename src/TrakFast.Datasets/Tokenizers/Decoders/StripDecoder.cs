namespace TrakFast.Datasets;

/// <summary>Drops a character from the beginning and the end of every text.</summary>
/// <param name="content">The character.</param>
/// <param name="start">How many of it at most from the beginning.</param>
/// <param name="stop">How many at most from the end.</param>
internal sealed class StripDecoder(string content, int start, int stop) : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Apply(List<string> tokens) => [.. tokens.Select(Strip)];

    private string Strip(string text)
    {
        for (int i = 0; i < start && text.StartsWith(content, StringComparison.Ordinal); i++) text = text[content.Length..];
        for (int i = 0; i < stop && text.EndsWith(content, StringComparison.Ordinal); i++) text = text[..^content.Length];
        return text;
    }
}
