namespace TrakFast.Datasets;

/// <summary>The kinds of picture files that are read.</summary>
internal enum PictureFormat
{
    /// <summary>None of the others.</summary>
    Unknown,

    /// <summary>JPEG, baseline or progressive.</summary>
    Jpeg,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>GIF, of which the first frame is read.</summary>
    Gif,

    /// <summary>Windows' bitmaps.</summary>
    Bmp,

    /// <summary>WebP, of which the first frame is read.</summary>
    WebP,
}

/// <summary>Recognizes picture files by their first bytes.</summary>
internal static class PictureFormats
{
    /// <summary>The file's kind.</summary>
    /// <param name="bytes">The file.</param>
    public static PictureFormat Of(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xD8, 0xFF, ..] => PictureFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => PictureFormat.Png,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => PictureFormat.Gif,
        [(byte)'B', (byte)'M', ..] => PictureFormat.Bmp,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => PictureFormat.WebP,
        _ => PictureFormat.Unknown,
    };

    /// <summary>The kind's name in a sentence.</summary>
    /// <param name="format">The kind.</param>
    public static string Name(PictureFormat format) => format == PictureFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();
}
