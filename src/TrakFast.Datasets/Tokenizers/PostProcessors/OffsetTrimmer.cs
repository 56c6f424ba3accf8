namespace TrakFast.Datasets;

/// <summary>Takes the spaces of byte-level tokens off their places.</summary>
/// <param name="textOf">The text of a token.</param>
/// <param name="prefixSpace">Whether a space was put before the text.</param>
internal sealed class OffsetTrimmer(Func<int, string> textOf, bool prefixSpace)
{
    /// <summary>The tokens with their new places.</summary>
    public List<EncodedToken> Apply(List<EncodedToken> tokens) => [.. tokens.Select(Trim)];

    private EncodedToken Trim(EncodedToken token, int index)
    {
        (int leading, int trailing) = (token.Leading, token.Trailing);
        if (leading < 0)
        {
            string text = textOf(token.Id);
            (leading, trailing) = (Leading(text), Trailing(text));
        }

        (int start, int end) = (token.Start, token.End);
        if (leading > 0)
        {
            // The one that was put there is no part of the text.
            if ((index == 0 || start == 0) && prefixSpace && leading == 1) leading = 0;
            start = Math.Min(start + leading, end);
        }

        if (trailing > 0 && end >= trailing) end = Math.Max(end - trailing, start);
        return token with { Start = start, End = end };
    }

    /// <summary>Number of spaces that a token's text begins with.</summary>
    public static int Leading(string text) => text.TakeWhile(IsSpace).Count();

    /// <summary>Number of spaces that a token's text ends with.</summary>
    public static int Trailing(string text) => text.Reverse().TakeWhile(IsSpace).Count();

    private static bool IsSpace(char c) => c == ByteAlphabet.Space || Characters.IsWhite(c);
}
