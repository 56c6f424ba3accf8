namespace TrakFast.Datasets;

/// <summary>A decoded picture: red, green and blue in 8 bits, row by row from the top.</summary>
public sealed class Picture
{
    /// <summary>The most pixels a picture may have: twice PIL's warning, where PIL refuses too.</summary>
    public const long MostPixels = 2 * 89_478_485;

    private readonly byte[] _pixels;

    /// <summary>Wraps pixels.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pixels">[<paramref name="height"/>, <paramref name="width"/>, 3], kept and not copied.</param>
    /// <param name="isGray">Whether the source had one channel.</param>
    /// <exception cref="InputException">There are no pixels, too many, or not as many as the sides say.</exception>
    public Picture(int width, int height, byte[] pixels, bool isGray = false)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (width < 1 || height < 1 || (long)width * height > MostPixels)
            throw new InputException($"A picture of {width} × {height} pixels has none, or more than {MostPixels}.");
        if (pixels.Length != 3L * width * height)
            throw new InputException($"{pixels.Length} bytes are not the {3L * width * height} of {width} × {height} pixels.");
        Width = width;
        Height = height;
        IsGray = isGray;
        _pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>
    /// Whether the source said it is gray: a JPEG of one component, or a PNG of gray, with or without alpha. The three
    /// channels are then equal.
    /// </summary>
    public bool IsGray { get; }

    /// <summary>The pixels, [Height, Width, 3].</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>The luminance, [Height, Width], as PIL's <c>convert("L")</c> computes it.</summary>
    public byte[] ToLuminance()
    {
        byte[] gray = GC.AllocateUninitializedArray<byte>(Width * Height);
        Luminance(_pixels, gray);
        return gray;
    }

    /// <summary>Writes the luminance of interleaved pixels.</summary>
    /// <param name="pixels">[pixels, 3].</param>
    /// <param name="gray">[pixels].</param>
    internal static void Luminance(ReadOnlySpan<byte> pixels, Span<byte> gray)
    {
        for (int i = 0, p = 0; i < gray.Length; i++, p += 3)
            gray[i] = (byte)(((pixels[p] * 19595) + (pixels[p + 1] * 38470) + (pixels[p + 2] * 7471) + 0x8000) >> 16);
    }
}
