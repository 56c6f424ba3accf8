using TrakFast.Kernels;

namespace TrakFast;

/// <summary>How NPY headers spell element types.</summary>
internal static class NpyTypes
{
    /// <summary>The type as written in a header.</summary>
    public static string Text(ElementType type) => type switch
    {
        ElementType.Float32 => "<f4",
        ElementType.Float16 => "<f2",
        ElementType.BFloat16 => "<V2",
        ElementType.Float64 => "<f8",
        ElementType.Int32 => "<i4",
        ElementType.Int64 => "<i8",
        ElementType.UInt8 => "|u1",
        ElementType.Int8 => "|i1",
        _ => "|b1",
    };

    /// <summary>The type that a header names.</summary>
    /// <exception cref="TrakException">It is not read.</exception>
    public static ElementType Parse(string text, string path) => text switch
    {
        "<f4" => ElementType.Float32,
        "<f2" => ElementType.Float16,
        "<V2" or "|V2" => ElementType.BFloat16,
        "<f8" => ElementType.Float64,
        "<i4" => ElementType.Int32,
        "<i8" => ElementType.Int64,
        "|u1" => ElementType.UInt8,
        "|i1" => ElementType.Int8,
        "|b1" => ElementType.Bool,
        ['>', ..] =>
            throw new TrakException($"{path} holds big-endian '{text}' elements; save it little-endian, with .astype('<{text[1..]}')."),
        "<i2" or "<u2" or "<u4" or "<u8" => throw new TrakException(
            $"{path} holds '{text}' elements, which are not read; "
            + $"save it with .astype('{(text == "<i2" || text == "<u2" ? "int32" : "int64")}')."),
        _ => throw new TrakException($"{path} holds '{text}' elements; read are f2, f4, f8, i1, i4, i8, u1, b1 and V2 (bfloat16)."),
    };
}
