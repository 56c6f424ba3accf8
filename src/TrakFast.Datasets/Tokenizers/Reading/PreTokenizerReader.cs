namespace TrakFast.Datasets;

/// <summary>Reads the pre-tokenizer of a tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    private const int UsualLength = 5;

    /// <summary>Reads a pre-tokenizer.</summary>
    /// <exception cref="InputException">Its type is not supported, or a part of it is wrong.</exception>
    public static PreTokenizer Read(JsonPart part)
    {
        string kind = part.Kind();
        switch (kind)
        {
            case "Sequence": return new PreTokenizerSequence([.. part.Part("pretokenizers").Items().Select(Read)]);
            case "BertPreTokenizer": return new BertSplit();
            case "ByteLevel":
                return new ByteLevelSplit(part.Part("add_prefix_space").Truth(), part.Maybe("use_regex")?.Truth() ?? true);
            case "Whitespace": return new WordSplit();
            case "WhitespaceSplit": return new PatternSplit(new CharacterPattern(Characters.IsWhite), SplitBehavior.Removed);
            case "Punctuation":
                return new PatternSplit(
                    new CharacterPattern(Characters.IsPunctuation), part.Maybe("behavior") is { } b ? Behavior(b) : SplitBehavior.Isolated);
            case "Metaspace": return Metaspace(part);
            case "Delimiter" or "CharDelimiterSplit":
                int delimiter = part.Part("delimiter").Character();
                return new PatternSplit(new CharacterPattern(c => c == delimiter), SplitBehavior.Removed);
            case "Split":
                return new PatternSplit(
                    PatternReader.Read(part.Part("pattern")), Behavior(part.Part("behavior")), part.Maybe("invert")?.Truth() ?? false);
            case "Digits":
                return new PatternSplit(
                    new CharacterPattern(Characters.IsNumeric),
                    part.Part("individual_digits").Truth() ? SplitBehavior.Isolated : SplitBehavior.Contiguous);
            case "UnicodeScripts": return new ScriptSplit();
            case "FixedLength":
                int length = part.Maybe("length")?.Number() ?? UsualLength;
                return length > 0 ? new FixedLengthSplit(length) : throw new InputException($"{part.Name}.length is 0.");
            default: throw part.Unsupported(kind);
        }
    }

    /// <summary>Reads where a Metaspace puts its mark.</summary>
    public static PrependScheme Scheme(JsonPart part)
    {
        PrependScheme scheme = part.Maybe("prepend_scheme") switch
        {
            null => PrependScheme.Always,
            { } named => named.Text() switch
            {
                "always" => PrependScheme.Always,
                "first" => PrependScheme.First,
                "never" => PrependScheme.Never,
                _ => throw named.Wrong("always, first or never"),
            },
        };

        // What older files say instead.
        if (part.Maybe("add_prefix_space")?.Truth() is not false) return scheme;
        return scheme == PrependScheme.Never || part.Maybe("prepend_scheme") is null
            ? PrependScheme.Never
            : throw new InputException($"{part.Name} says add_prefix_space and prepend_scheme, which contradict each other.");
    }

    private static MetaspaceSplit Metaspace(JsonPart part) =>
        new(part.Part("replacement").Character(), Scheme(part), part.Maybe("split")?.Truth() ?? true);

    private static SplitBehavior Behavior(JsonPart part) =>
        Enum.TryParse(part.Text(), out SplitBehavior behavior) && Enum.IsDefined(behavior) && !char.IsAsciiDigit(part.Text()[0])
            ? behavior
            : throw part.Wrong(string.Join(", ", Enum.GetNames<SplitBehavior>()));
}
