using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Arrays of one repeated number, which are equal to others without having to do with them.</summary>
internal static class UniformArrays
{
    /// <summary>Whether all elements have the same bits.</summary>
    public static bool IsUniform(this DataArray array)
    {
        // Shifted by one element, such bytes are themselves.
        ReadOnlySpan<byte> bytes = array.Bytes;
        int size = array.Type.Size();
        return bytes.Length <= size || bytes[size..].SequenceEqual(bytes[..^size]);
    }
}
