using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// What the device's multipliers can do at most, for benchmarks to divide by: chains of operations that read no memory, eight
/// independent ones in a thread. A thread of <see cref="Fma"/> does 8 FMAs a step, a warp of
/// <see cref="Bf16"/> 8 · 3 products of 16 × 16 by 16 × 8, one of <see cref="Tf32"/> 8 · 3 products of 16 × 8 by 8 × 8.
/// </summary>
internal static class Peaks
{
    /// <summary>float32 FMAs.</summary>
    [KernelEntry("PeakFma", 256, Ships = false)]
    public static void Fma(ArrayView<float> sums, float factor, int steps)
    {
        float start = Group.IdxX, a = start, b = start + 1, c = start + 2, d = start + 3, e = start + 4,
            f = start + 5, g = start + 6, h = start + 7;
        for (int step = 0; step < steps; step++)
        {
            a = DeviceOperations.Fma(a, factor, factor);
            b = DeviceOperations.Fma(b, factor, factor);
            c = DeviceOperations.Fma(c, factor, factor);
            d = DeviceOperations.Fma(d, factor, factor);
            e = DeviceOperations.Fma(e, factor, factor);
            f = DeviceOperations.Fma(f, factor, factor);
            g = DeviceOperations.Fma(g, factor, factor);
            h = DeviceOperations.Fma(h, factor, factor);
        }

        sums[((long)Grid.IdxX * 256) + Group.IdxX] = a + b + c + d + e + f + g + h;
    }

    /// <summary>bfloat16 products on tensor cores, with float32 sums.</summary>
    [KernelEntry("PeakBf16", 256, Ships = false)]
    public static void Bf16(ArrayView<float> sums, uint factor, int steps)
    {
        // Two different matrices: of two equal products the assembler would compute one.
        SplitFragment upper, lower;
        upper.High.X = upper.High.Y = upper.High.Z = upper.High.W = factor;
        upper.Middle = upper.High;
        upper.Low = upper.High;
        lower.High.X = lower.High.Y = lower.High.Z = lower.High.W = factor + 1;
        lower.Middle = lower.High;
        lower.Low = lower.High;
        uint word = factor + (uint)Group.IdxX;
        float sum = 0;
        for (int step = 0; step < steps; step++)
        {
            TwoProducts a = TensorCore.Multiply(upper, lower, word, factor + (uint)step),
                b = TensorCore.Multiply(upper, lower, word + 1, factor + (uint)step);
            TwoProducts c = TensorCore.Multiply(upper, lower, word + 2, factor + (uint)step),
                d = TensorCore.Multiply(upper, lower, word + 3, factor + (uint)step);
            sum += a.Upper.X + a.Lower.X + b.Upper.X + b.Lower.X + c.Upper.X + c.Lower.X + d.Upper.X + d.Lower.X;
        }

        sums[((long)Grid.IdxX * 256) + Group.IdxX] = sum;
    }

    /// <summary>tf32 products on tensor cores, with float32 sums.</summary>
    [KernelEntry("PeakTf32", 256, Ships = false)]
    public static void Tf32(ArrayView<float> sums, float factor, int steps)
    {
        float start = Group.IdxX, sum = 0;
        SplitLeft left = SplitLeft.Of(start, start + factor, start - factor, factor);
        SplitRight right = SplitRight.Of(factor, start);

        // The right matrix's high part changes each time, or the assembler would leave a product out.
        for (int step = 0; step < steps; step++)
        {
            Float4 a = SplitProduct.Multiply(left, right);
            right.Parts.X += factor;
            Float4 b = SplitProduct.Multiply(left, right);
            right.Parts.X += factor;
            Float4 c = SplitProduct.Multiply(left, right);
            right.Parts.X += factor;
            Float4 d = SplitProduct.Multiply(left, right);
            right.Parts.X += factor;
            Float4 e = SplitProduct.Multiply(left, right);
            right.Parts.X += factor;
            Float4 f = SplitProduct.Multiply(left, right);
            right.Parts.X += factor;
            Float4 g = SplitProduct.Multiply(left, right);
            right.Parts.X += factor;
            Float4 h = SplitProduct.Multiply(left, right);
            right.Parts.X += factor;
            sum += a.X + b.X + c.X + d.X + e.X + f.X + g.X + h.X;
        }

        sums[((long)Grid.IdxX * 256) + Group.IdxX] = sum;
    }
}
