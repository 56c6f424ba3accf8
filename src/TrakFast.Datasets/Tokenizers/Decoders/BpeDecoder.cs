namespace TrakFast.Datasets;

/// <summary>Writes a space where a word ends.</summary>
/// <param name="suffix">What the last token of a word ends with.</param>
internal sealed class BpeDecoder(string suffix) : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Apply(List<string> tokens) => suffix.Length == 0
        ? tokens
        : [.. tokens.Select((t, i) => t.Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}
