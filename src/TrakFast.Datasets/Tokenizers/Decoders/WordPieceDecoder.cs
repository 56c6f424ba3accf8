namespace TrakFast.Datasets;

/// <summary>Joins tokens that go on a word to it and puts spaces before others.</summary>
/// <param name="prefix">What tokens begin with that go on a word.</param>
/// <param name="cleanup">Whether spaces before punctuation and in contractions go.</param>
internal sealed class WordPieceDecoder(string prefix, bool cleanup) : TokenDecoder
{
    private static readonly (string From, string To)[] Cleanups =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
        (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <inheritdoc/>
    public override List<string> Apply(List<string> tokens)
    {
        List<string> result = new(tokens.Count);
        foreach (string token in tokens)
        {
            string text = result.Count == 0 ? token
                : token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
            result.Add(cleanup ? Clean(text) : text);
        }

        return result;
    }

    /// <summary>The text without spaces before punctuation and in contractions.</summary>
    public static string Clean(string text)
    {
        foreach ((string from, string to) in Cleanups) text = text.Replace(from, to, StringComparison.Ordinal);
        return text;
    }
}
