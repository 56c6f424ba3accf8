using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>The directory at the end of a ZIP archive, ZIP64 included.</summary>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054B50, End64Signature = 0x06064B50, Locator64Signature = 0x07064B50, EntrySignature = 0x02014B50;
    private const int EndLength = 22, LocatorLength = 20, End64Length = 56, EntryLength = 46, LongestRemark = 0xFFFF;

    /// <summary>Reads the entries, in the archive's order.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">What errors call it.</param>
    /// <exception cref="CheckpointException">There is no directory, or it is damaged.</exception>
    public static IReadOnlyList<ZipEntry> Read(SafeFileHandle file, string path)
    {
        long length = FileBytes.Length(file, path);
        byte[] tail = Bytes(file, path, Math.Max(0, length - EndLength - LongestRemark), length, length);
        int end = LastIndexOf(tail, EndSignature);
        if (end < 0 || tail.Length - end < EndLength)
            throw new CheckpointException($"{path} is cut short: a ZIP archive ends with its directory, and there is none.");
        ReadOnlySpan<byte> record = tail.AsSpan(end, EndLength);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]), start = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        long endPosition = length - tail.Length + end;
        if (size == uint.MaxValue || start == uint.MaxValue || BinaryPrimitives.ReadUInt16LittleEndian(record[10..]) == ushort.MaxValue)
            (start, size) = Large(file, path, endPosition, length) ?? (start, size);
        if (start < 0 || size < 0 || size > length - start)
            throw Damaged(path, $"its directory would lie at bytes {start} to {start + size} of {length}");
        return Entries(Bytes(file, path, start, start + size, length), path);
    }

    private static (long Start, long Size)? Large(SafeFileHandle file, string path, long end, long length)
    {
        if (end < LocatorLength) return null;
        ReadOnlySpan<byte> locator = Bytes(file, path, end - LocatorLength, end, length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != Locator64Signature) return null;
        long at = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (at < 0 || at > length - End64Length) throw Damaged(path, $"its ZIP64 directory would lie at byte {at} of {length}");
        ReadOnlySpan<byte> record = Bytes(file, path, at, at + End64Length, length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Signature) throw Damaged(path, $"there is no ZIP64 directory at byte {at}");
        return (BinaryPrimitives.ReadInt64LittleEndian(record[48..]), BinaryPrimitives.ReadInt64LittleEndian(record[40..]));
    }

    private static List<ZipEntry> Entries(ReadOnlySpan<byte> directory, string path)
    {
        List<ZipEntry> entries = [];
        while (directory.Length >= EntryLength && BinaryPrimitives.ReadUInt32LittleEndian(directory) == EntrySignature)
        {
            int name = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            int extra = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]);
            int remark = BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (directory.Length - EntryLength < name + extra + remark)
                throw Damaged(path, $"entry {entries.Count} of its directory is cut short");
            entries.Add(Entry(directory[..EntryLength], directory.Slice(EntryLength, name), directory.Slice(EntryLength + name, extra)));
            directory = directory[(EntryLength + name + extra + remark)..];
        }

        if (!directory.IsEmpty) throw Damaged(path, $"its directory has {directory.Length} bytes that are no entry");
        return entries;
    }

    private static ZipEntry Entry(ReadOnlySpan<byte> record, ReadOnlySpan<byte> name, ReadOnlySpan<byte> extra)
    {
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]), length = BinaryPrimitives.ReadUInt32LittleEndian(record[24..]);
        long header = BinaryPrimitives.ReadUInt32LittleEndian(record[42..]);
        while (extra.Length >= 4)
        {
            int kind = BinaryPrimitives.ReadUInt16LittleEndian(extra), size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4) break;
            if (kind == 1)
            {
                // Only the fields that were too large for 32 bits are there, in this order.
                ReadOnlySpan<byte> large = extra.Slice(4, size);
                length = Wide(length, ref large);
                packed = Wide(packed, ref large);
                header = Wide(header, ref large);
                break;
            }

            extra = extra[(4 + size)..];
        }

        return new ZipEntry(
            Encoding.UTF8.GetString(name), BinaryPrimitives.ReadUInt16LittleEndian(record[10..]), (record[8] & 1) != 0,
            BinaryPrimitives.ReadUInt32LittleEndian(record[16..]), packed, length, header);
    }

    private static long Wide(long value, ref ReadOnlySpan<byte> large)
    {
        if (value != uint.MaxValue || large.Length < 8) return value;
        value = BinaryPrimitives.ReadInt64LittleEndian(large);
        large = large[8..];
        return value;
    }

    private static int LastIndexOf(ReadOnlySpan<byte> bytes, uint signature)
    {
        Span<byte> wanted = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(wanted, signature);
        return bytes.LastIndexOf(wanted);
    }

    private static byte[] Bytes(SafeFileHandle file, string path, long from, long to, long length)
    {
        if (to > length || to - from > Array.MaxLength) throw Damaged(path, $"its directory would lie at bytes {from} to {to} of {length}");
        byte[] bytes = new byte[to - from];
        FileBytes.Read(file, path, from, bytes);
        return bytes;
    }

    private static CheckpointException Damaged(string path, string how) => new($"{path} is a damaged ZIP archive: {how}.");
}
