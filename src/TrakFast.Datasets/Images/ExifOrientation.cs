using System.Buffers.Binary;

namespace TrakFast.Datasets;

/// <summary>EXIF's orientation: read from its block, and applied to pixels as PIL's <c>exif_transpose</c> does.</summary>
internal static class ExifOrientation
{
    private const ushort Tag = 0x0112;

    /// <summary>The orientation that a block states, 1 to 8; 1 where it states none.</summary>
    /// <param name="block">The block from its byte order mark on.</param>
    public static int Read(ReadOnlySpan<byte> block)
    {
        if (block.Length < 8) return 1;
        bool little = block.StartsWith("II"u8);
        if (!little && !block.StartsWith("MM"u8)) return 1;
        uint at = little ? BinaryPrimitives.ReadUInt32LittleEndian(block[4..]) : BinaryPrimitives.ReadUInt32BigEndian(block[4..]);
        if (at > block.Length - 2) return 1;
        int entries = Short(block[(int)at..], little);
        ReadOnlySpan<byte> rest = block[((int)at + 2)..];
        for (int i = 0; i < entries && rest.Length >= 12; i++, rest = rest[12..])
        {
            if (Short(rest, little) != Tag) continue;
            int value = Short(rest[2..], little) == 3 ? Short(rest[8..], little) : 1;
            return value is >= 1 and <= 8 ? value : 1;
        }

        return 1;
    }

    /// <summary>The upright picture.</summary>
    /// <param name="picture">The picture as stored.</param>
    /// <param name="orientation">1 to 8.</param>
    public static Picture Apply(Picture picture, int orientation)
    {
        if (orientation == 1) return picture;
        int width = picture.Width, height = picture.Height;
        bool turned = orientation >= 5;
        int newWidth = turned ? height : width, newHeight = turned ? width : height;

        // Where the new picture's first pixel comes from, and what a step to the right and a step down are.
        bool fromRight = orientation is 2 or 3 or 7 or 8, fromBottom = orientation is 3 or 4 or 6 or 7;
        int column = fromRight ? -3 : 3, row = (fromBottom ? -3 : 3) * width;
        int start = 3 * ((fromRight ? width - 1 : 0) + ((fromBottom ? height - 1 : 0) * width));
        (int right, int down) = turned ? (row, column) : (column, row);
        ReadOnlySpan<byte> source = picture.Pixels;
        byte[] pixels = GC.AllocateUninitializedArray<byte>(source.Length);
        for (int y = 0, to = 0; y < newHeight; y++)
        {
            int from = start + (y * down);
            for (int x = 0; x < newWidth; x++, from += right, to += 3)
            {
                pixels[to] = source[from];
                pixels[to + 1] = source[from + 1];
                pixels[to + 2] = source[from + 2];
            }
        }

        return new Picture(newWidth, newHeight, pixels, picture.IsGray);
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
