namespace TrakFast.Datasets;

/// <summary>Drops characters and replaces others by one character each.</summary>
/// <param name="keep">Which code points stay.</param>
/// <param name="map">What becomes of them.</param>
internal sealed class CharacterFilter(Func<int, bool> keep, Func<int, int>? map = null) : TextNormalizer
{
    /// <summary>Drops combining marks.</summary>
    public static CharacterFilter StripAccents { get; } = new(static c => !Characters.IsCombining(c));

    /// <summary>What NMT drops and takes for spaces.</summary>
    public static CharacterFilter Nmt { get; } = new(
        static c => c is not ((>= 1 and <= 8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or 0x8F or 0x9F),
        static c => c is 9 or 0xA or 0xC or 0xD or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD
            ? ' ' : c);

    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        AlignedText result = text.Empty();
        TextTransform transform = new(text, 0, text.Length, result);

        // A dropped character goes with the kept one before it; those at the beginning have none.
        int pending = -1, dropped = 0;
        for (int i = 0; i < text.Length;)
        {
            int c = text.CodePointAt(i, out int length);
            i += length;
            if (!keep(c))
            {
                dropped++;
                continue;
            }

            if (pending < 0) transform.Skip(dropped);
            else transform.Write(pending, -dropped);
            pending = map is null ? c : map(c);
            dropped = 0;
        }

        if (pending >= 0) transform.Write(pending, -dropped);
        return result;
    }
}
