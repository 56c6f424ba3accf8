using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace TrakFast.Cli.Report.Pictures;

/// <summary>Writes a picture as PNG: eight bits a channel, no interlace, each row unfiltered.</summary>
internal static class PngEncoder
{
    private const byte Gray = 0;
    private const byte TrueColor = 2;

    /// <summary>The bytes of a PNG file.</summary>
    public static byte[] Encode(Picture picture)
    {
        using MemoryStream file = new();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = 8;
        header[9] = picture.Channels == 1 ? Gray : TrueColor;
        Chunk(file, "IHDR", header);
        Chunk(file, "IDAT", Compress(picture));
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>The picture as a <c>data:</c> address for an <c>img</c> element.</summary>
    public static string DataUri(Picture picture) => $"data:image/png;base64,{Convert.ToBase64String(Encode(picture))}";

    private static byte[] Compress(Picture picture)
    {
        using MemoryStream compressed = new();
        using (ZLibStream zlib = new(compressed, CompressionLevel.SmallestSize))
        {
            int stride = picture.Width * picture.Channels;
            for (int y = 0; y < picture.Height; y++)
            {
                zlib.WriteByte(0); // filter type "none"
                zlib.Write(picture.Pixels, y * stride, stride);
            }
        }

        return compressed.ToArray();
    }

    private static void Chunk(Stream file, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        byte[] name = Encoding.ASCII.GetBytes(type);
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(name);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(data, Crc32.Of(name)));
        file.Write(number);
    }
}
