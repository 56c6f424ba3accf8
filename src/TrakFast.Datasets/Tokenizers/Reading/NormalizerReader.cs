namespace TrakFast.Datasets;

/// <summary>Reads the normalizer of a tokenizer.json.</summary>
internal static class NormalizerReader
{
    /// <summary>Reads a normalizer.</summary>
    /// <exception cref="InputException">Its type is not supported, or a part of it is wrong.</exception>
    public static TextNormalizer Read(JsonPart part)
    {
        string kind = part.Kind();
        switch (kind)
        {
            case "Sequence": return new NormalizerSequence([.. part.Part("normalizers").Items().Select(Read)]);
            case "BertNormalizer" or "Bert":
                return new BertNormalizer(
                    part.Part("clean_text").Truth(), part.Part("handle_chinese_chars").Truth(), part.Maybe("strip_accents")?.Truth(),
                    part.Part("lowercase").Truth());
            case "NFC": return new UnicodeForm(compatible: false, compose: true);
            case "NFD": return new UnicodeForm(compatible: false, compose: false);
            case "NFKC": return new UnicodeForm(compatible: true, compose: true);
            case "NFKD": return new UnicodeForm(compatible: true, compose: false);
            case "Lowercase": return new LowercaseNormalizer();
            case "StripAccents": return CharacterFilter.StripAccents;
            case "Nmt": return CharacterFilter.Nmt;
            case "Strip": return new StripNormalizer(part.Part("strip_left").Truth(), part.Part("strip_right").Truth());
            case "Replace": return new ReplaceNormalizer(PatternReader.Read(part.Part("pattern")), part.Part("content").Text());
            case "Prepend": return new PrependNormalizer(part.Part("prepend").Text());
            case "ByteLevel": return new ByteLevelNormalizer();
            case "Precompiled": return new PrecompiledNormalizer(Rules(part.Part("precompiled_charsmap")));
            default: throw part.Unsupported(kind);
        }
    }

    private static CharacterMap Rules(JsonPart part)
    {
        string text = part.Text();
        byte[] bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out int count)
            ? CharacterMap.Read(bytes.AsSpan(0, count))
            : throw part.Wrong("a string in base 64");
    }
}
