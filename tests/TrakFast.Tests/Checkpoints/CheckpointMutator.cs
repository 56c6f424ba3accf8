using System.IO.Compression;
using System.Text;

namespace TrakFast.Tests.Checkpoints;

/// <summary>
/// Damages files of weights: blindly, as disks and networks do, and within a ZIP archive's pickle, whose checksums and lengths are
/// then right again. The same random numbers give the same damage.
/// </summary>
internal static class CheckpointMutator
{
    // Every instruction of a pickle, and the beginnings of numbers that promise much.
    private static readonly byte[] _instructions =
    [
        .. "(.012FIJKLMNPQRSTUVXabcdefghijlopqrstu}])GBC"u8, 0x80, 0x81, 0x82, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D, 0x8E,
        0x8F, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
    ];

    private static readonly byte[][] _pieces =
    [
        [.. "cos\nsystem\n"u8], [.. "ctorch\nFloatStorage\n"u8], [.. "ccollections\nOrderedDict\n"u8], [.. "ctorch._utils\n_rebuild_tensor_v2\n"u8],
        [0x8B, 0xFF, 0xFF, 0xFF, 0x7F], [0x8A, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [(byte)'J', 0xFF, 0xFF, 0xFF, 0x7F],
        [(byte)'X', 0xFF, 0xFF, 0xFF, 0x7F], [0x8E, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [(byte)'M', 0, 0],
        [(byte)'J', 0xFF, 0xFF, 0xFF, 0xFF],
        [(byte)'h', 0], [(byte)'h', 1], [(byte)'h', 5], [0x85, 0x85], [.. "NN"u8], [.. "2a"u8], [.. "2b"u8],
    ];

    /// <summary>A damaged copy.</summary>
    public static byte[] Mutate(byte[] file, Random random)
    {
        bool isZip = file.AsSpan().StartsWith("PK"u8);
        if (isZip && random.Next(3) > 0) return Entry(file, random);
        return random.Next(3) == 0 && !isZip ? Pickle(file, random) : Bytes(file, random);
    }

    private static byte[] Entry(byte[] file, Random random)
    {
        using MemoryStream source = new(file), target = new();
        using (ZipArchive from = new(source, ZipArchiveMode.Read), to = new(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            int other = random.Next(4) == 0 ? random.Next(from.Entries.Count) : -1;
            foreach (ZipArchiveEntry entry in from.Entries)
            {
                using MemoryStream held = new();
                using (Stream stream = entry.Open()) stream.CopyTo(held);
                byte[] bytes = held.ToArray();
                if (entry.Name == "data.pkl") bytes = random.Next(2) == 0 ? Pickle(bytes, random) : Bytes(bytes, random);
                else if (other >= 0 && entry == from.Entries[other]) bytes = Bytes(bytes, random);
                CompressionLevel level = random.Next(8) == 0 ? CompressionLevel.Fastest : CompressionLevel.NoCompression;
                using Stream written = to.CreateEntry(entry.FullName, level).Open();
                written.Write(bytes);
            }
        }

        return random.Next(10) == 0 ? Bytes(target.ToArray(), random) : target.ToArray();
    }

    private static byte[] Pickle(byte[] file, Random random)
    {
        List<byte> bytes = [.. file];
        for (int i = random.Next(4); i >= 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(Math.Min(bytes.Count, 3000));
            switch (random.Next(5))
            {
                case 0: bytes[at] = _instructions[random.Next(_instructions.Length)]; break;
                case 1: bytes.Insert(at, _instructions[random.Next(_instructions.Length)]); break;
                case 2: bytes.InsertRange(at, _pieces[random.Next(_pieces.Length)]); break;
                case 3:
                    byte[] piece = _pieces[random.Next(_pieces.Length)];
                    for (int j = 0; j < piece.Length && at + j < bytes.Count; j++) bytes[at + j] = piece[j];
                    break;
                default: Word(bytes, random); break;
            }
        }

        return [.. bytes];
    }

    // One of torch's words becomes another.
    private static void Word(List<byte> bytes, Random random)
    {
        string[] words = ["FloatStorage", "LongStorage", "BoolStorage", "_rebuild_tensor_v2", "_rebuild_parameter", "_rebuild_tensor_v3", "OrderedDict", "storage"];
        byte[] from = Encoding.ASCII.GetBytes(words[random.Next(words.Length)]);
        byte[] to = Encoding.ASCII.GetBytes(words[random.Next(words.Length)]);
        int at = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes).IndexOf(from);
        if (at < 0) return;
        bytes.RemoveRange(at, from.Length);
        bytes.InsertRange(at, to);
    }

    private static byte[] Bytes(byte[] file, Random random)
    {
        List<byte> bytes = [.. file];
        if (bytes.Count == 0) return file;

        // The beginning has pickles and headers, the end an archive's directory.
        int most = bytes.Count;
        int near = random.Next(Math.Min(most, 800));
        int at = random.Next(3) switch { 0 => random.Next(most), 1 => near, _ => most - 1 - near };
        int length = Math.Min(1 + random.Next(40), most - at);
        switch (random.Next(6))
        {
            case 0: bytes.RemoveRange(at, most - at); break;
            case 1: bytes.RemoveRange(at, length); break;
            case 2: bytes.InsertRange(random.Next(most), bytes.GetRange(at, length)); break;
            case 3:
                for (int i = 0; i < length; i++) bytes[at + i] = (byte)random.Next(256);
                break;
            case 4:
                for (int i = 0; i < Math.Min(length, 8); i++) bytes[at + i] = (byte)(random.Next(2) * 255);
                break;
            default: bytes[at] ^= (byte)(1 << random.Next(8)); break;
        }

        return [.. bytes];
    }
}
