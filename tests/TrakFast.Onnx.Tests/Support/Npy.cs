using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>Reads the fixtures' NPY files.</summary>
internal static partial class Npy
{
    public static DataArray Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int header = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        string text = Encoding.ASCII.GetString(bytes, 10, header);
        ElementType type = Description().Match(text).Groups[1].Value switch
        {
            "<f4" => ElementType.Float32,
            "<f8" => ElementType.Float64,
            "<i8" => ElementType.Int64,
            "|u1" => ElementType.UInt8,
            string other => throw new NotSupportedException(other),
        };
        long[] shape = [.. ShapeText().Match(text).Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static s => long.Parse(s, CultureInfo.InvariantCulture))];
        return new DataArray(type, shape, bytes.AsMemory(10 + header));
    }

    [GeneratedRegex("'descr': *'([^']+)'")]
    private static partial Regex Description();

    [GeneratedRegex(@"'shape': *\(([^)]*)\)")]
    private static partial Regex ShapeText();
}
