namespace TrakFast.Cli.Report.Pictures;

/// <summary>The CRC-32 of PNG chunks (ISO 3309, reflected polynomial EDB88320; PNG specification, annex D).</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(static n => Entry((uint)n))];

    /// <summary>Checksum of the bytes, continuing from <paramref name="crc"/>, a checksum of what came before.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes, uint crc = 0)
    {
        crc = ~crc;
        foreach (byte b in bytes) crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint Entry(uint n)
    {
        for (int bit = 0; bit < 8; bit++) n = (n & 1) == 0 ? n >> 1 : 0xEDB88320 ^ (n >> 1);
        return n;
    }
}
