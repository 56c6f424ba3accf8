namespace TrakFast.Datasets;

/// <summary>BERT's cleaning, spaces around ideographs, stripping of accents and lower case.</summary>
internal sealed class BertNormalizer : TextNormalizer
{
    private static readonly CharacterFilter Cleaning = new(
        static c => c is '\t' or '\n' or '\r' || (c != 0 && c != 0xFFFD && !Characters.IsCleaned(c)),
        static c => Characters.IsWhite(c) ? ' ' : c);

    private static readonly CharacterFilter Accents = new(static c => !Characters.IsNonspacing(c));
    private static readonly UnicodeForm Decomposition = new(compatible: false, compose: false);
    private static readonly LowercaseNormalizer LowerCase = new();

    private readonly bool _clean;
    private readonly bool _ideographs;
    private readonly bool _strip;
    private readonly bool _lower;

    /// <summary>Chooses what is done.</summary>
    /// <param name="clean">Control characters are dropped; white space becomes spaces.</param>
    /// <param name="ideographs">Chinese characters get spaces around them.</param>
    /// <param name="strip">Accents are stripped; null where that follows from <paramref name="lower"/>.</param>
    /// <param name="lower">Letters become lower case.</param>
    public BertNormalizer(bool clean, bool ideographs, bool? strip, bool lower)
    {
        _clean = clean;
        _ideographs = ideographs;
        _strip = strip ?? lower;
        _lower = lower;
    }

    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        if (_clean) text = Cleaning.Apply(text);
        if (_ideographs) text = Separate(text);
        if (_strip) text = Accents.Apply(Decomposition.Apply(text));
        return _lower ? LowerCase.Apply(text) : text;
    }

    private static AlignedText Separate(AlignedText text)
    {
        AlignedText result = text.Empty();
        for (int i = 0; i < text.Length;)
        {
            int c = text.CodePointAt(i, out int length);
            int start = text.StartOf(i), end = text.EndOf(i);
            i += length;
            bool ideograph = c >= 0x3400 && IsIdeograph(c);
            if (ideograph) result.Append(' ', start, end);
            result.Append(c, start, end);
            if (ideograph) result.Append(' ', start, end);
        }

        return result;
    }

    private static bool IsIdeograph(int c) => c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x2F800 and <= 0x2FA1F);
}
