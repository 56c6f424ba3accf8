using System.Runtime.InteropServices;
using TrakFast.Kernels;
using TrakFast.Onnx.Proto;
using DataType = TrakFast.Onnx.Proto.TensorProto.Types.DataType;

namespace TrakFast.Onnx;

/// <summary>Reads ONNX tensors. What a shape promises is compared with the bytes that are there before anything is copied.</summary>
internal static class TensorReader
{
    public static ElementType? Type(int dataType) => (DataType)dataType switch
    {
        DataType.Float => ElementType.Float32,
        DataType.Float16 => ElementType.Float16,
        DataType.Bfloat16 => ElementType.BFloat16,
        DataType.Double => ElementType.Float64,
        DataType.Int32 => ElementType.Int32,
        DataType.Int64 => ElementType.Int64,
        DataType.Uint8 => ElementType.UInt8,
        DataType.Int8 => ElementType.Int8,
        DataType.Bool => ElementType.Bool,
        _ => null,
    };

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
    public static DataArray Read(TensorProto tensor, string where)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External || tensor.ExternalData.Count > 0)
            throw new TrakException($"{where} lies in another file; save the model with its weights inside.");
        ElementType type = Type(tensor.DataType)
            ?? throw new TrakException($"{where} has the element type {(DataType)tensor.DataType}, which is not supported.");
        long count = Count(tensor, where);
        if (!tensor.RawData.IsEmpty || count == 0)
        {
            Expect(tensor, where, tensor.RawData.Length, $"{tensor.RawData.Length} bytes", checked((Int128)count * type.Size()));
            byte[] raw = tensor.RawData.ToByteArray();
            if (type == ElementType.Bool) Truths(raw);
            return new DataArray(type, [.. tensor.Dims], raw);
        }

        int present = type switch
        {
            ElementType.Float32 => tensor.FloatData.Count,
            ElementType.Float64 => tensor.DoubleData.Count,
            ElementType.Int64 => tensor.Int64Data.Count,
            _ => tensor.Int32Data.Count,
        };
        Expect(tensor, where, present, $"{present} values", count);
        byte[] bytes = type switch
        {
            ElementType.Float32 => Bytes<float>([.. tensor.FloatData]),
            ElementType.Float64 => Bytes<double>([.. tensor.DoubleData]),
            ElementType.Int64 => Bytes<long>([.. tensor.Int64Data]),
            ElementType.Int32 => Bytes<int>([.. tensor.Int32Data]),
            ElementType.Float16 or ElementType.BFloat16 => Bytes<ushort>([.. tensor.Int32Data.Select(static v => unchecked((ushort)v))]),
            _ => [.. tensor.Int32Data.Select(static v => unchecked((byte)v))],
        };
        if (type == ElementType.Bool) Truths(bytes);
        return new DataArray(type, [.. tensor.Dims], bytes);
    }

    private static long Count(TensorProto tensor, string where)
    {
        long count = 1;
        foreach (long size in tensor.Dims)
        {
            if (size < 0) throw new TrakException($"{where} has a negative size: {Shapes.Text(tensor.Dims)}.");
            if (size != 0 && count > long.MaxValue / size) throw new TrakException($"{where} has the impossible shape {Shapes.Text(tensor.Dims)}.");
            count *= size;
        }

        return count;
    }

    private static void Expect(TensorProto tensor, string where, long present, string presentText, Int128 wanted)
    {
        if (present != wanted)
            throw new TrakException($"{where} promises {(DataType)tensor.DataType} {Shapes.Text(tensor.Dims)} but holds {presentText}.");
    }

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static void Truths(Span<byte> bytes)
    {
        foreach (ref byte value in bytes) value = value == 0 ? (byte)0 : (byte)1;
    }
}
