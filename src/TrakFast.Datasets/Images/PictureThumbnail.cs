using SkiaSharp;

namespace TrakFast.Datasets;

/// <summary>Encodes decoded pictures, made small, for reports.</summary>
public static class PictureThumbnail
{
    /// <summary>A PNG file of the picture, without loss but for its size.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="longest">The most pixels of a side; a larger picture is resized (bicubic).</param>
    /// <exception cref="InputException">Skia's native library cannot be loaded, or the size is none.</exception>
    public static byte[] ToPng(Picture picture, int longest = 128) => Encode(picture, longest, SKEncodedImageFormat.Png, 100);

    /// <summary>A JPEG file of the picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="longest">The most pixels of a side; a larger picture is resized (bicubic).</param>
    /// <param name="quality">0 to 100.</param>
    /// <exception cref="InputException">Skia's native library cannot be loaded, or the size is none.</exception>
    public static byte[] ToJpeg(Picture picture, int longest = 128, int quality = 85) =>
        Encode(picture, longest, SKEncodedImageFormat.Jpeg, quality);

    private static byte[] Encode(Picture picture, int longest, SKEncodedImageFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (longest < 1) throw new InputException($"A thumbnail of at most {longest} pixels a side is none.");
        (int height, int width) = (picture.Height, picture.Width);
        if (Math.Max(height, width) > longest)
        {
            // A picture of one row of ten thousand pixels keeps its row.
            double scale = longest / (double)Math.Max(height, width);
            (height, width) = (Math.Max(1, (int)((height * scale) + 0.5)), Math.Max(1, (int)((width * scale) + 0.5)));
        }

        byte[] pixels = GC.AllocateUninitializedArray<byte>(height * width * 3);
        PictureResizer.Resize(
            picture.Pixels, picture.Width, picture.Height, 3, pixels, width, height, PictureResampling.Bicubic);
        return SkiaLibrary.Use(() => Encode(pixels, height, width, format, quality), "A thumbnail cannot be written");
    }

    private static unsafe byte[] Encode(byte[] rgb, int height, int width, SKEncodedImageFormat format, int quality)
    {
        byte[] rgba = GC.AllocateUninitializedArray<byte>(height * width * 4);
        for (int i = 0, from = 0; i < rgba.Length; i += 4, from += 3)
            (rgba[i], rgba[i + 1], rgba[i + 2], rgba[i + 3]) = (rgb[from], rgb[from + 1], rgb[from + 2], 255);
        fixed (byte* start = rgba)
        {
            SKImageInfo info = new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
            using SKPixmap pixmap = new(info, (IntPtr)start, info.RowBytes);
            using SKData? data = pixmap.Encode(format, quality);
            return data?.ToArray() ?? throw new InputException($"A thumbnail of {width} × {height} pixels cannot be written.");
        }
    }
}
