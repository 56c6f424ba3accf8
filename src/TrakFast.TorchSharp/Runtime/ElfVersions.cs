using System.Buffers.Binary;
using System.Text;

namespace TrakFast.TorchSharp;

/// <summary>
/// The symbol versions that a 64-bit little-endian ELF library asks of others (section .gnu.version_r; Linux Standard Base,
/// «Symbol Versioning»).
/// </summary>
internal static class ElfVersions
{
    private const uint VersionNeeds = 0x6FFFFFFE;
    private const byte Weak = 2;

    /// <summary>Marks every requirement of a version as weak, so that the loader goes on where it is not met.</summary>
    /// <param name="image">The library's bytes, changed in place.</param>
    /// <param name="version">The version's name.</param>
    /// <returns>Whether there was such a requirement.</returns>
    public static bool MakeWeak(Span<byte> image, string version)
    {
        if (image.Length < 64 || !image[..6].SequenceEqual((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1])) return false;
        byte[] name = [.. Encoding.ASCII.GetBytes(version), 0];
        int sections = Offset(image, 0x28), size = Short(image, 0x3A), count = Short(image, 0x3C);
        bool found = false;
        for (int i = 0; i < count; i++)
        {
            int section = sections + (i * size);
            if (Word(image, section + 4) != VersionNeeds) continue;
            int names = Offset(image, sections + ((int)Word(image, section + 0x28) * size) + 0x18);
            int file = Offset(image, section + 0x18);
            for (uint files = Word(image, section + 0x2C); files > 0; files--)
            {
                int need = file + (int)Word(image, file + 8);
                for (int needs = Short(image, file + 2); needs > 0; needs--)
                {
                    if (image[(names + (int)Word(image, need + 8))..].StartsWith(name))
                    {
                        image[need + 4] |= Weak;
                        found = true;
                    }

                    need += (int)Word(image, need + 12);
                }

                file += (int)Word(image, file + 12);
            }
        }

        return found;
    }

    private static int Offset(ReadOnlySpan<byte> image, int at) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(image[at..]));

    private static uint Word(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt32LittleEndian(image[at..]);

    private static ushort Short(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt16LittleEndian(image[at..]);
}
