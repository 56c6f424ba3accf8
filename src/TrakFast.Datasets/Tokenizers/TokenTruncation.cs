namespace TrakFast.Datasets;

/// <summary>Shortens texts that are too long together.</summary>
internal static class TokenTruncation
{
    /// <summary>Leaves at most so many tokens in all.</summary>
    /// <param name="first">Tokens of the first text.</param>
    /// <param name="second">Tokens of the second; null for none.</param>
    /// <param name="most">Number of tokens that are left at most.</param>
    /// <param name="options">Which text is shortened, and at which end.</param>
    /// <exception cref="InputException">The text that is to be shortened is too short for that.</exception>
    public static (List<EncodedToken> First, List<EncodedToken>? Second) Apply(
        List<EncodedToken> first, List<EncodedToken>? second, int most, TokenizeOptions options)
    {
        int total = first.Count + (second?.Count ?? 0);
        if (total <= most) return (first, second);
        if (most == 0) return ([], second is null ? null : []);
        TextSide side = options.TruncationSide;
        if (options.Truncation == TextTruncation.LongestFirst)
        {
            if (second is null) return (Cut(first, most, side), null);
            (int a, int b) = Lengths(first.Count, second.Count, most);
            return (Cut(first, a, side), Cut(second, b, side));
        }

        bool one = options.Truncation == TextTruncation.OnlyFirst;
        List<EncodedToken> target = one ? first : second ?? throw new InputException(
            $"A text of {first.Count} tokens is to have {most}, and only a second text was to be shortened.");
        int left = target.Count - (total - most);
        if (left <= 0)
            throw new InputException(
                $"The {(one ? "first" : "second")} text has {target.Count} tokens, too few to lose the {total - most} that are too many for {most}.");
        return one ? (Cut(first, left, side), second) : (first, Cut(second!, left, side));
    }

    // The longer text loses tokens first; when both are too long, each keeps half.
    private static (int First, int Second) Lengths(int first, int second, int most)
    {
        int shorter = Math.Min(first, second);
        int longer = shorter > most ? shorter : Math.Max(shorter, most - shorter);
        if (shorter + longer > most) (shorter, longer) = (most / 2, (most / 2) + (most % 2));
        return first > second ? (longer, shorter) : (shorter, longer);
    }

    private static List<EncodedToken> Cut(List<EncodedToken> tokens, int most, TextSide side) =>
        tokens.Count <= most ? tokens : side == TextSide.Left ? tokens.GetRange(tokens.Count - most, most) : tokens.GetRange(0, most);
}
