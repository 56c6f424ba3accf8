namespace TrakFast.Datasets;

/// <summary>Drops repeated tokens and padding.</summary>
/// <param name="pad">The token between repeated ones.</param>
/// <param name="delimiter">The token between words.</param>
/// <param name="cleanup">Whether spaces are put and cleaned.</param>
internal sealed class CtcDecoder(string pad, string delimiter, bool cleanup) : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Apply(List<string> tokens)
    {
        List<string> result = [];
        for (int i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1]) continue;
            string text = pad.Length == 0 ? tokens[i] : tokens[i].Replace(pad, "", StringComparison.Ordinal);
            if (cleanup) text = WordPieceDecoder.Clean(text);
            if (cleanup && delimiter.Length > 0) text = text.Replace(delimiter, " ", StringComparison.Ordinal);
            if (text.Length > 0) result.Add(text);
        }

        return result;
    }
}
