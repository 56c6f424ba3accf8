using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// Safetensors files: eight bytes with the header's length, a JSON header that names each tensor with its type, shape
/// and place, then the tensors. A file is believed only after every number in it fits every other.
/// </summary>
public static class SafetensorsFile
{
    /// <summary>Reads every tensor of a file, in the order of its header, and under all its names where it has several.</summary>
    /// <param name="path">The file; also the checkpoint's name.</param>
    /// <exception cref="CheckpointException">The file cannot be read, or is not what the format demands.</exception>
    public static Checkpoint Read(string path) =>
        TypedErrors.As(() => ReadRecognized(path), static (sentence, cause) => new CheckpointException(sentence, cause));

    /// <summary>Writes tensors as a whole or not at all, in the order given.</summary>
    /// <param name="path">The file; one already there is replaced.</param>
    /// <param name="tensors">Arrays by name.</param>
    /// <exception cref="CheckpointException">A name appears twice or is <c>__metadata__</c>.</exception>
    /// <exception cref="TrakException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, DataArray>> tensors)
    {
        KeyValuePair<string, DataArray>[] list = [.. tensors];
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.Metadata };
        foreach (var (name, _) in list)
        {
            if (!names.Add(name))
                throw new CheckpointException(
                    $"{path} cannot hold a tensor named '{name}': "
                    + $"the name is {(name == SafetensorsHeader.Metadata ? "reserved" : "given twice")}.");
        }

        byte[] header = SafetensorsHeader.Write(list);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, array) in list) stream.Write(array.Bytes);
        });
    }

    // Only of a file that cannot be read: the length of a header may look like anything.
    private static Checkpoint ReadRecognized(string path)
    {
        try
        {
            return ReadTensors(path);
        }
        catch (TrakException error) when (FileKind.Recognize(path) is { } kind)
        {
            throw new CheckpointException($"{path} {kind}.", error);
        }
    }

    private static Checkpoint ReadTensors(string path)
    {
        using SafeFileHandle file = FileBytes.Open(path, FileAccess.Read);
        (IReadOnlyList<SafetensorsEntry> entries, IReadOnlyList<(string Name, string Tensor)> otherNames) = ReadHeader(
            file, path, out long dataOffset);
        MemoryAllowance allowance = new(path, FileBytes.Length(file, path));
        var tensors = new OrderedDictionary<string, DataArray>(entries.Count, StringComparer.Ordinal);
        foreach (SafetensorsEntry entry in entries)
        {
            allowance.Take(entry.Length, $"tensor '{entry.Name}'");
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)entry.Length);
            FileBytes.Read(file, path, dataOffset + entry.Start, bytes);
            if (entry.Type.Type == ElementType.Bool) TruthValues.Check(bytes, $"{path}: tensor '{entry.Name}'");
            tensors.Add(entry.Name, entry.Type.ToArray(entry.Shape, bytes));
        }

        foreach ((string name, string tensor) in otherNames) tensors.Add(name, tensors[tensor]);
        return new Checkpoint(path, tensors);
    }

    private static (IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyList<(string Name, string Tensor)> OtherNames) ReadHeader(
        SafeFileHandle file, string path, out long dataOffset)
    {
        long fileLength = FileBytes.Length(file, path);
        if (fileLength < 8)
            throw new CheckpointException(
                $"{path} is not a safetensors file: it has {fileLength} bytes, and the header's length alone takes 8.");
        Span<byte> prefix = stackalloc byte[8];
        FileBytes.Read(file, path, 0, prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.Longest)
            throw new CheckpointException(
                $"{path} says its safetensors header has {headerLength} bytes; at most {SafetensorsHeader.Longest} are allowed, "
                + "so this is another kind of file or a damaged one.");
        dataOffset = 8 + (long)headerLength;
        if (dataOffset > fileLength)
            throw new CheckpointException(
                $"{path} is cut short: it has {fileLength} bytes, and its safetensors header ends at {dataOffset}.");
        byte[] header = GC.AllocateUninitializedArray<byte>((int)headerLength);
        FileBytes.Read(file, path, 8, header);
        try
        {
            return SafetensorsHeader.Parse(header, path, fileLength - dataOffset);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException($"{path} has an unreadable safetensors header: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
