using System.Buffers.Binary;

namespace TrakFast.Datasets;

/// <summary>What a picture's file says beside its pixels: whether it is gray, and how it was held.</summary>
/// <param name="IsGray">Whether it has one channel, alpha apart.</param>
/// <param name="Orientation">EXIF's orientation, 1 to 8; 1 where nothing or nonsense is said.</param>
internal readonly record struct PictureHeader(bool IsGray, int Orientation)
{
    /// <summary>Reads it; whatever is damaged says nothing.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="format">Its kind.</param>
    public static PictureHeader Read(ReadOnlySpan<byte> bytes, PictureFormat format) => format switch
    {
        PictureFormat.Jpeg => Jpeg(bytes),
        PictureFormat.Png => Png(bytes),
        PictureFormat.WebP => new(false, WebP(bytes)),
        _ => new(false, 1),
    };

    private static PictureHeader Jpeg(ReadOnlySpan<byte> bytes)
    {
        int orientation = 0;
        for (int at = 2; at + 4 <= bytes.Length && bytes[at] == 0xFF;)
        {
            byte marker = bytes[at + 1];
            if (marker is 0xFF)
            {
                at++;
                continue;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            if (length < 2 || at + 2 + length > bytes.Length) break;
            ReadOnlySpan<byte> body = bytes.Slice(at + 4, length - 2);
            if (marker == 0xE1 && orientation == 0 && body.StartsWith("Exif\0\0"u8)) orientation = ExifOrientation.Read(body[6..]);

            // SOF0 to SOF15 but for DHT, JPG and DAC.
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return new(body.Length > 5 && body[5] == 1, Math.Max(1, orientation));
            at += 2 + length;
        }

        return new(false, Math.Max(1, orientation));
    }

    private static PictureHeader Png(ReadOnlySpan<byte> bytes)
    {
        int orientation = 1;
        for (long at = 8; at + 12 <= bytes.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[(int)at..]);
            if (at + 12 + length > bytes.Length) break;
            if (bytes.Slice((int)at + 4, 4).SequenceEqual("eXIf"u8))
                orientation = ExifOrientation.Read(bytes.Slice((int)at + 8, (int)length));
            at += 12 + (long)length;
        }

        return new(bytes.Length > 25 && bytes[25] is 0 or 4, orientation);
    }

    private static int WebP(ReadOnlySpan<byte> bytes)
    {
        for (long at = 12; at + 8 <= bytes.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[((int)at + 4)..]);
            if (at + 8 + length > bytes.Length) break;
            if (bytes.Slice((int)at, 4).SequenceEqual("EXIF"u8))
            {
                ReadOnlySpan<byte> body = bytes.Slice((int)at + 8, (int)length);
                return ExifOrientation.Read(body.StartsWith("Exif\0\0"u8) ? body[6..] : body);
            }

            at += 8 + (long)length + (length & 1);
        }

        return 1;
    }
}
