using System.Runtime.InteropServices;
using TrakFast.Kernels;
using TrakFast.Onnx.Proto;
using DataType = TrakFast.Onnx.Proto.TensorProto.Types.DataType;

namespace TrakFast.Onnx;

/// <summary>Reads ONNX tensors. What a shape promises is compared with the bytes that are there before anything is copied.</summary>
/// <param name="files">Where arrays outside the model lie.</param>
internal sealed class TensorReader(ExternalFiles files)
{
    /// <summary>The type an array of the given ONNX type is kept in, or null for one that is not read.</summary>
    public static ElementType? Type(int dataType) => (DataType)dataType switch
    {
        DataType.Float => ElementType.Float32,
        DataType.Float16 => ElementType.Float16,
        DataType.Bfloat16 => ElementType.BFloat16,
        DataType.Double => ElementType.Float64,
        DataType.Int32 or DataType.Int16 or DataType.Uint16 => ElementType.Int32,
        DataType.Int64 or DataType.Uint32 or DataType.Uint64 => ElementType.Int64,
        DataType.Uint8 => ElementType.UInt8,
        DataType.Int8 => ElementType.Int8,
        DataType.Bool => ElementType.Bool,
        _ => null,
    };

    /// <summary>The ONNX type an array is written in.</summary>
    public static DataType Type(ElementType type) => type switch
    {
        ElementType.Float32 => DataType.Float,
        ElementType.Float16 => DataType.Float16,
        ElementType.BFloat16 => DataType.Bfloat16,
        ElementType.Float64 => DataType.Double,
        ElementType.Int32 => DataType.Int32,
        ElementType.Int64 => DataType.Int64,
        ElementType.UInt8 => DataType.Uint8,
        ElementType.Int8 => DataType.Int8,
        _ => DataType.Bool,
    };

    /// <param name="tensor">The tensor.</param>
    /// <param name="where">How an error begins: the file and what the tensor is.</param>
    public DataArray Read(TensorProto tensor, string where)
    {
        DataType stored = (DataType)tensor.DataType;
        ElementType type = Type(tensor.DataType)
            ?? throw new TrakException($"{where} has the element type {stored}, which is not supported.");
        long count = Count(tensor, where);
        ReadOnlyMemory<byte> bytes = Bytes(tensor, where, count, Width(stored, type));
        bytes = stored switch
        {
            DataType.Int16 => Widen<short, int>(bytes, static v => v),
            DataType.Uint16 => Widen<ushort, int>(bytes, static v => v),
            DataType.Uint32 => Widen<uint, long>(bytes, static v => v),
            DataType.Uint64 => Widen<ulong, long>(bytes, v => v <= long.MaxValue
                ? (long)v
                : throw new TrakException($"{where} holds {v}, which is more than the {long.MaxValue} that whole numbers go up to.")),
            DataType.Bool => bytes.ToArray().Select(static v => v == 0 ? (byte)0 : (byte)1).ToArray(),
            _ => bytes,
        };
        return new DataArray(type, [.. tensor.Dims], bytes);
    }

    private static int Width(DataType stored, ElementType type) => stored switch
    {
        DataType.Int16 or DataType.Uint16 => 2,
        DataType.Uint32 => 4,
        _ => type.Size(),
    };

    private static long Count(TensorProto tensor, string where)
    {
        Int128 count = 1;
        foreach (long size in tensor.Dims)
        {
            if (size < 0) throw new TrakException($"{where} has a negative size: {Shapes.Text(tensor.Dims)}.");
            count *= size;
            if (count > long.MaxValue) throw new TrakException($"{where} has the impossible shape {Shapes.Text(tensor.Dims)}.");
        }

        return (long)count;
    }

    private static byte[] Typed(TensorProto tensor, DataType stored) => stored switch
    {
        DataType.Float => Copy<float>([.. tensor.FloatData]),
        DataType.Double => Copy<double>([.. tensor.DoubleData]),
        DataType.Int64 => Copy<long>([.. tensor.Int64Data]),
        DataType.Uint64 => Copy<ulong>([.. tensor.Uint64Data]),
        DataType.Uint32 => Copy<uint>([.. tensor.Uint64Data.Select(static v => unchecked((uint)v))]),
        DataType.Int32 => Copy<int>([.. tensor.Int32Data]),
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 =>
            Copy<ushort>([.. tensor.Int32Data.Select(static v => unchecked((ushort)v))]),
        _ => [.. tensor.Int32Data.Select(static v => unchecked((byte)v))],
    };

    private static byte[] Copy<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static byte[] Widen<TFrom, TTo>(ReadOnlyMemory<byte> bytes, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        ReadOnlySpan<TFrom> from = MemoryMarshal.Cast<byte, TFrom>(bytes.Span);
        TTo[] to = new TTo[from.Length];
        for (int i = 0; i < to.Length; i++) to[i] = convert(from[i]);
        return Copy(to);
    }

    private static void Expect(TensorProto tensor, string where, long present, string presentText, Int128 wanted)
    {
        if (present != wanted)
            throw new TrakException($"{where} promises {(DataType)tensor.DataType} {Shapes.Text(tensor.Dims)} but holds {presentText}.");
    }

    // An array has its values in another file, as bytes, or in the list of its type, in which small ones share a list.
    private ReadOnlyMemory<byte> Bytes(TensorProto tensor, string where, long count, int width)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External) return files.Read(tensor, where, (Int128)count * width);
        if (!tensor.RawData.IsEmpty || count == 0)
        {
            Expect(tensor, where, tensor.RawData.Length, $"{tensor.RawData.Length} bytes", (Int128)count * width);
            return tensor.RawData.Memory;
        }

        DataType stored = (DataType)tensor.DataType;
        int present = stored switch
        {
            DataType.Float => tensor.FloatData.Count,
            DataType.Double => tensor.DoubleData.Count,
            DataType.Int64 => tensor.Int64Data.Count,
            DataType.Uint32 or DataType.Uint64 => tensor.Uint64Data.Count,
            _ => tensor.Int32Data.Count,
        };
        Expect(tensor, where, present, $"{present} values", count);
        return Typed(tensor, stored);
    }
}
