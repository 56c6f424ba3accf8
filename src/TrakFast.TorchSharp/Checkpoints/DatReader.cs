using System.Text;
using TrakFast.Kernels;

namespace TrakFast.TorchSharp;

/// <summary>
/// TorchSharp's own format for state dicts: a count, then for each tensor its name, type, rank and sizes, all as LEB128 numbers,
/// and its elements, row-major and little-endian.
/// </summary>
internal static class DatReader
{
    // Longer names and higher ranks mean that the file is something else.
    private const int LongestName = 4096;
    private const int HighestRank = 64;

    /// <summary>Reads all tensors.</summary>
    /// <param name="file">The file from its start.</param>
    /// <param name="path">What errors call it.</param>
    public static Dictionary<string, DataArray> Read(Stream file, string path)
    {
        long count = Number(file, path, "the number of tensors");
        if (count > file.Length)
            throw new CheckpointException($"{path} is no state dict of TorchSharp: it promises {count} tensors in {file.Length} bytes.");
        Dictionary<string, DataArray> tensors = new(StringComparer.Ordinal);
        for (long i = 0; i < count; i++)
        {
            string name = Name(file, path, i);
            DataArray array = Array(file, path, name);
            if (!tensors.TryAdd(name, array)) throw new CheckpointException($"{path} holds {name} twice.");
        }

        return file.Position == file.Length ? tensors : throw new CheckpointException(
            $"{path} has {file.Length - file.Position} bytes behind its {count} tensors; it is damaged, or no state dict of TorchSharp.");
    }

    private static string Name(Stream file, string path, long index)
    {
        long length = Number(file, path, $"the name of tensor {index}");
        if (length > LongestName)
            throw new CheckpointException($"{path} is no state dict of TorchSharp: the name of tensor {index} is {length} bytes long.");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Bytes(file, path, length, $"the name of tensor {index}"));
        }
        catch (ArgumentException exception)
        {
            throw new CheckpointException($"{path} is no state dict of TorchSharp: the name of tensor {index} is not UTF-8.", exception);
        }
    }

    private static DataArray Array(Stream file, string path, string name)
    {
        long code = Number(file, path, name);
        ElementType type = code switch
        {
            0 => ElementType.UInt8,
            1 => ElementType.Int8,
            3 => ElementType.Int32,
            4 => ElementType.Int64,
            5 => ElementType.Float16,
            6 => ElementType.Float32,
            7 => ElementType.Float64,
            11 => ElementType.Bool,
            15 => ElementType.BFloat16,
            _ => throw new CheckpointException($"{path} holds {name} in torch's type {code}, which TrakFast does not read."),
        };
        long rank = Number(file, path, name);
        if (rank > HighestRank) throw new CheckpointException($"{path} is no state dict of TorchSharp: {name} has {rank} axes.");
        long[] shape = new long[rank];
        long bytes = type.Size();
        for (int axis = 0; axis < rank; axis++)
        {
            shape[axis] = Number(file, path, name);
            bytes = shape[axis] == 0 ? 0 : bytes <= long.MaxValue / shape[axis] ? bytes * shape[axis] : long.MaxValue;
        }

        if (bytes > System.Array.MaxLength && bytes <= file.Length - file.Position)
            throw new CheckpointException(
                $"{path} holds {name} {Shapes.Text(shape)}, {bytes} bytes; arrays up to {System.Array.MaxLength} are read.");
        return new DataArray(type, shape, Bytes(file, path, bytes, $"{name} {Shapes.Text(shape)}"));
    }

    private static byte[] Bytes(Stream file, string path, long count, string what)
    {
        long left = file.Length - file.Position;
        if (count > left) throw new CheckpointException($"{path} ends in {what}: {count} bytes are wanted, {left} are left.");
        byte[] bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }

    // Seven bits a byte, the lowest first; never negative here.
    private static long Number(Stream file, string path, string what)
    {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            int next = file.ReadByte();
            if (next < 0) throw new CheckpointException($"{path} ends in {what}.");
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw new CheckpointException($"{path} is no state dict of TorchSharp: {what} has a number of more than 63 bits.");
    }
}
