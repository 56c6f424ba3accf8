using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace TrakFast.Datasets;

/// <summary>
/// Decodes JPEG, PNG, GIF, BMP and WebP as PIL's <c>Image.open(f).convert("RGB")</c> does: alpha is dropped without
/// premultiplying, color profiles and gamma are ignored, of several frames the first is read.
/// </summary>
/// <remarks>
/// <para>The pixels equal those of PIL 9.4 over libjpeg-turbo 2.1.5 bit for bit in all that was compared: JPEG 4:4:4, 4:2:2
/// and 4:2:0, baseline and progressive, gray, CMYK and YCCK, sides from 1 to 64; PNG of 1 to 8 bits, with palettes,
/// transparency, alpha and interlacing, 16-bit color; GIF; BMP; WebP with and without loss.</para>
/// <para>16-bit gray keeps its upper byte. PIL clips it to 255 instead, which makes nearly every pixel white.</para>
/// </remarks>
public static class PictureDecoder
{
    private const long LargestFile = 1 << 30;

    // What a byte can hold of deflate's run of 258 in 2 bits, at one bit a pixel; other formats' runs are shorter.
    private const long MostPixelsPerByte = 8256;

    // A WebP picture of one color takes next to no bits, so that one of a common size may be of any length; beyond that it is held
    // to the same bound, as a canvas costs what its header says.
    private const long AnyWebP = 1 << 24;

    /// <summary>Reads and decodes a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="upright">Whether to turn the picture as EXIF says, as Hugging Face's datasets do and torchvision does not.</param>
    /// <exception cref="TrakException">The file cannot be read, is no picture, is damaged, or has too many pixels.</exception>
    public static Picture Read(string path, bool upright = true) => Decode(WholeFile.Read(path, LargestFile), path, upright);

    /// <summary>Decodes a file's bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="upright">Whether to turn the picture as EXIF says, as Hugging Face's datasets do and torchvision does not.</param>
    /// <exception cref="InputException">The bytes are no picture, are damaged, or say too many pixels.</exception>
    public static Picture Decode(ReadOnlySpan<byte> bytes, string name, bool upright = true)
    {
        PictureFormat format = PictureFormats.Of(bytes);
        if (format == PictureFormat.Unknown)
            throw new InputException($"{name} is no picture: its {bytes.Length} bytes are not of a JPEG, PNG, GIF, BMP or WebP file.");
        PictureHeader header = PictureHeader.Read(bytes, format);
        byte[] copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            bytes.CopyTo(copy);
            if (format == PictureFormat.Gif && GifTransparency.Find(bytes) is >= 0 and int flag) copy[flag] &= 0xFE;
            int length = bytes.Length;
            Picture picture = SkiaLibrary.Use(
                () => Pixels(copy, length, format, header, name), $"{name} is a {PictureFormats.Name(format)} file and cannot be read");
            return upright ? ExifOrientation.Apply(picture, header.Orientation) : picture;
        }
        catch (OutOfMemoryException e)
        {
            throw new InputException($"{name} cannot be decoded: there is not enough memory for its pixels.", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private static unsafe Picture Pixels(byte[] bytes, int length, PictureFormat format, PictureHeader header, string name)
    {
        fixed (byte* start = bytes)
        {
            using SKData data = SKData.Create((IntPtr)start, length);
            using SKCodec? codec = SKCodec.Create(data);
            if (codec is null) throw Damaged(name, format, length, "its header is incomplete or of a kind that is not supported");
            int width = codec.Info.Width, height = codec.Info.Height;
            Check(width, height, format, length, name);
            SKImageInfo info = new(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            int size = width * height * 4;
            byte* rgba = (byte*)NativeMemory.AllocZeroed((nuint)size);
            try
            {
                SKCodecResult result = codec.GetPixels(info, (IntPtr)rgba);
                if (result != SKCodecResult.Success) throw Damaged(name, format, length, Reason(result));
                byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * 3);
                DropAlpha(new ReadOnlySpan<byte>(rgba, size), pixels);
                return new Picture(width, height, pixels, header.IsGray);
            }
            finally
            {
                NativeMemory.Free(rgba);
            }
        }
    }

    private static void Check(int width, int height, PictureFormat format, int length, string name)
    {
        long pixels = (long)width * height;
        if (width < 1 || height < 1) throw new InputException($"{name} says that it has {width} × {height} pixels.");
        if (pixels > Picture.MostPixels)
            throw new InputException($"{name} says that it has {width} × {height} pixels, more than the {Picture.MostPixels} allowed.");
        long most = Math.Max(format == PictureFormat.WebP ? AnyWebP : 0, MostPixelsPerByte * length);
        if (pixels > most)
            throw new InputException($"{name} says that it has {width} × {height} pixels, which its {length} bytes cannot hold.");
    }

    private static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        ref byte from = ref MemoryMarshal.GetReference(rgba);
        ref byte to = ref MemoryMarshal.GetReference(rgb);
        int pixels = rgba.Length / 4;

        // Four bytes at a time, the fourth written over by the next pixel; the last one has no room for that.
        for (int i = 0; i < pixels - 1; i++)
        {
            Unsafe.WriteUnaligned(
                ref Unsafe.Add(ref to, 3 * i),
                Unsafe.ReadUnaligned<uint>(
                    ref Unsafe.Add(ref from, 4 * i)));
        }

        rgba.Slice(4 * (pixels - 1), 3).CopyTo(rgb[(3 * (pixels - 1))..]);
    }

    private static string Reason(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => "it ends before its pixels do",
        SKCodecResult.ErrorInInput => "its pixels are damaged",
        _ => $"its pixels cannot be decoded ({result})",
    };

    private static InputException Damaged(string name, PictureFormat format, int length, string reason) =>
        new($"{name}, a {PictureFormats.Name(format)} file of {length} bytes, cannot be read: {reason}.");
}
