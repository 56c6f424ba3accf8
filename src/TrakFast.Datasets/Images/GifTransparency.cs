namespace TrakFast.Datasets;

/// <summary>
/// Makes the first frame of a GIF opaque: PIL's <c>convert("RGB")</c> shows the color that stands for transparency, which
/// decoders leave out.
/// </summary>
internal static class GifTransparency
{
    /// <summary>The place of the first frame's transparency flag; -1 where it has none or the file is damaged.</summary>
    /// <param name="bytes">The file.</param>
    /// <remarks>The flag is the lowest bit of that byte.</remarks>
    public static int Find(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 13) return -1;
        int at = 13 + ((bytes[10] & 0x80) != 0 ? 3 << ((bytes[10] & 7) + 1) : 0);
        int flag = -1;
        while (at + 3 < bytes.Length && bytes[at] == 0x21)
        {
            if (bytes[at + 1] == 0xF9 && bytes[at + 2] == 4) flag = at + 3;
            for (at += 2; at < bytes.Length && bytes[at] != 0;) at += 1 + bytes[at];
            at++;
        }

        return flag >= 0 && (bytes[flag] & 1) != 0 ? flag : -1;
    }
}
