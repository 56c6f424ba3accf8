using TrakFast.Kernels;

namespace TrakFast.Cli.Report.Pictures;

/// <summary>
/// Recognizes examples that are pictures by their shape: [H, W], [1, H, W], [3, H, W], [H, W, 1], [H, W, 3], and flat
/// vectors of side² or 3·side² values.
/// </summary>
internal static class PictureReader
{
    // A flat vector with fewer values is more likely a row of measurements than a picture.
    private const int LeastFlatSide = 8;

    /// <summary>Whether examples of this shape and type are shown as pictures.</summary>
    public static bool IsPicture(DataArray example) => LayoutOf(example) is not null;

    /// <summary>The example as a picture, or null when its shape or type is not that of one.</summary>
    /// <param name="example">One example, without the batch axis.</param>
    /// <param name="range">Black and white, from the whole data set.</param>
    public static Picture? Read(DataArray example, PixelRange range)
    {
        if (LayoutOf(example) is not { } layout || example.Length > int.MaxValue) return null;
        float[] values = example.ToFloats();
        byte[] pixels = new byte[values.Length];
        int plane = layout.Width * layout.Height;
        for (int i = 0; i < pixels.Length; i++)
        {
            int source = layout.ChannelsFirst ? ((i % layout.Channels) * plane) + (i / layout.Channels) : i;
            if (!float.IsFinite(values[source])) return null;
            pixels[i] = range.ToByte(values[source]);
        }

        return new Picture(layout.Width, layout.Height, layout.Channels, pixels);
    }

    private static Layout? LayoutOf(DataArray example) => example.Shape switch
    {
        [1, long length] => Flat(length, example.Type),
        [ >= 2 and long h, >= 2 and long w] => new Layout((int)w, (int)h, 1, false),
        [1 or 3, >= 2 and long h, >= 2 and long w] => new Layout((int)w, (int)h, (int)example.Shape[0], true),
        [ >= 2 and long h, >= 2 and long w, 1 or 3] => new Layout((int)w, (int)h, (int)example.Shape[2], false),
        [long length] => Flat(length, example.Type),
        _ => null,
    };

    private static Layout? Flat(long length, ElementType type)
    {
        if (type is ElementType.Int32 or ElementType.Int64) return null; // token ids, whatever their number
        if (Side(length) is { } gray) return new Layout(gray, gray, 1, false);
        return length % 3 == 0 && Side(length / 3) is { } color ? new Layout(color, color, 3, true) : null;
    }

    private static int? Side(long length)
    {
        int side = (int)Math.Round(Math.Sqrt(length));
        return side >= LeastFlatSide && (long)side * side == length ? side : null;
    }

    private readonly record struct Layout(int Width, int Height, int Channels, bool ChannelsFirst);
}
