using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace TrakFast.Onnx;

/// <summary>
/// Sums of exponentials along rows that lie together, such as the logits of a vocabulary. The order of a sum depends on
/// the row's length alone.
/// </summary>
internal static class RowExponents
{
    /// <summary>The largest element, −∞ of an empty row; NaN where there is one.</summary>
    public static float Largest(ReadOnlySpan<float> row) => row.IsEmpty ? float.NegativeInfinity : TensorPrimitives.Max(row);

    /// <summary>Σ e^(x − shift) in float64.</summary>
    public static double Sum(ReadOnlySpan<float> row, float shift)
    {
        Vector<double> shifts = new(shift), sums = Vector<double>.Zero;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        foreach (Vector<float> x in vectors)
        {
            Vector.Widen(x, out Vector<double> low, out Vector<double> high);
            sums += Vector.Exp(low - shifts) + Vector.Exp(high - shifts);
        }

        double sum = Vector.Sum(sums);
        foreach (float x in row[(vectors.Length * Vector<float>.Count)..]) sum += Math.Exp((double)x - shift);
        return sum;
    }

    /// <summary>factor·e^(x − shift) for every element.</summary>
    public static void Write(ReadOnlySpan<float> row, float shift, float factor, Span<float> to)
    {
        Vector<float> shifts = new(shift);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        Span<Vector<float>> results = MemoryMarshal.Cast<float, Vector<float>>(to);
        for (int i = 0; i < vectors.Length; i++) results[i] = Vector.Exp(vectors[i] - shifts) * factor;
        for (int i = vectors.Length * Vector<float>.Count; i < row.Length; i++) to[i] = factor * MathF.Exp(row[i] - shift);
    }
}
