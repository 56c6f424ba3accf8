namespace TrakFast.Datasets;

/// <summary>Writes marks as spaces again.</summary>
/// <param name="mark">The mark, usually ▁.</param>
/// <param name="prepends">Whether one was put before the text, which is left out.</param>
internal sealed class MetaspaceDecoder(int mark, bool prepends) : TokenDecoder
{
    private readonly string _mark = CodePoints.Text(mark);

    /// <inheritdoc/>
    public override List<string> Apply(List<string> tokens) =>
        [.. tokens.Select((t, i) => t.Replace(_mark, i == 0 && prepends ? "" : " ", StringComparison.Ordinal))];
}
