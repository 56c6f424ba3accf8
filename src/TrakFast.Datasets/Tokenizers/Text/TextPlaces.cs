namespace TrakFast.Datasets;

/// <summary>Places of tokens in texts.</summary>
internal static class TextPlaces
{
    /// <summary>The tokens with places that count UTF-16 characters rather than code points.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="texts">The texts that they are of.</param>
    public static List<EncodedToken> InCharacters(List<EncodedToken> tokens, string[] texts)
    {
        int[]?[] starts = [.. texts.Select(Starts)];
        return Array.TrueForAll(starts, static s => s is null) ? tokens : [.. tokens.Select(Convert)];

        EncodedToken Convert(EncodedToken token) => starts[token.Text] is { } at && !token.Special
            ? token with { Start = at[token.Start], End = at[token.End] }
            : token;
    }

    // Where every code point begins, and the end; null where all are one character.
    private static int[]? Starts(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return null;
        List<int> starts = [];
        for (int i = 0; i < text.Length; i++)
        {
            starts.Add(i);
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
        }

        starts.Add(text.Length);
        return [.. starts];
    }
}
