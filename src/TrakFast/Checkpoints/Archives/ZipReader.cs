using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>Reads entries of a ZIP archive, stored or deflated, and no more of them than is there.</summary>
/// <param name="file">The file.</param>
/// <param name="path">What errors call it.</param>
/// <param name="allowance">What reading may take of memory.</param>
internal sealed class ZipReader(SafeFileHandle file, string path, MemoryAllowance allowance)
{
    private const int HeaderLength = 30;
    private const int Stored = 0, Deflated = 8;
    private const uint HeaderSignature = 0x04034B50;
    private readonly long _length = FileBytes.Length(file, path);

    /// <summary>The entries, in the archive's order.</summary>
    public IReadOnlyList<ZipEntry> Entries { get; } = ZipDirectory.Read(file, path);

    /// <summary>Reads an entry.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <param name="checksum">Whether what was read must have the checksum that the archive gives it.</param>
    /// <exception cref="CheckpointException">It is damaged, encrypted, or packed in another way.</exception>
    public byte[] Read(ZipEntry entry, bool checksum)
    {
        long start = Start(entry);
        allowance.Take(entry.Length, $"its entry '{entry.Name}'");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)entry.Length);
        if (entry.Method == Stored) FileBytes.Read(file, path, start, bytes);
        else Inflate(entry, start, bytes);
        if (checksum && !HasChecksum(entry, bytes))
            throw new CheckpointException($"{path} is damaged: its entry '{entry.Name}' is not what was written, by its checksum.");
        return bytes;
    }

    /// <summary>Whether bytes are what an entry's checksum was made of.</summary>
    public static bool HasChecksum(ZipEntry entry, ReadOnlySpan<byte> bytes) => Crc32.HashToUInt32(bytes) == entry.Checksum;

    private void Inflate(ZipEntry entry, long start, Span<byte> bytes)
    {
        try
        {
            using FileSlice packed = new(file, path, start, entry.Packed);
            using DeflateStream stream = new(packed, CompressionMode.Decompress);
            int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read == bytes.Length && stream.ReadByte() < 0) return;
            throw Damaged(entry, $"holds other than the {entry.Length} bytes that the archive's directory says");
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new CheckpointException($"{path} is damaged: its entry '{entry.Name}' cannot be unpacked.", error);
        }
    }

    private long Start(ZipEntry entry)
    {
        if (entry.IsEncrypted) throw new CheckpointException($"{path} is encrypted; unpack it with its password first.");
        if (entry.Method is not (Stored or Deflated))
            throw new CheckpointException(
                $"{path}: its entry '{entry.Name}' is packed by method {entry.Method}; stored and deflated ones are read.");
        if (entry.Header < 0 || entry.Header > _length - HeaderLength)
            throw Damaged(entry, $"would begin at byte {entry.Header} of {_length}");
        Span<byte> header = stackalloc byte[HeaderLength];
        FileBytes.Read(file, path, entry.Header, header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != HeaderSignature) throw Damaged(entry, $"does not begin at byte {entry.Header}");
        long start = entry.Header + HeaderLength
            + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        if (entry.Packed < 0 || entry.Length < 0 || start > _length || entry.Packed > _length - start
            || (entry.Method == Stored && entry.Packed != entry.Length))
            throw Damaged(entry, $"would take {entry.Packed} bytes from byte {start} on, of {_length}, for {entry.Length}");
        return start;
    }

    private CheckpointException Damaged(ZipEntry entry, string how) => new($"{path} is damaged: its entry '{entry.Name}' {how}.");
}
