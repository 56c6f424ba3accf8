using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>An 8 × 8 transposition of float32 in registers: 4 × 4 inside each 128-bit lane, then the lanes. AVX only.</summary>
internal static class Transpose8
{
    /// <summary>Row i of the eight becomes column i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(
        ref Vector256<float> r0, ref Vector256<float> r1, ref Vector256<float> r2, ref Vector256<float> r3,
        ref Vector256<float> r4, ref Vector256<float> r5, ref Vector256<float> r6, ref Vector256<float> r7)
    {
        InLanes(ref r0, ref r1, ref r2, ref r3);
        InLanes(ref r4, ref r5, ref r6, ref r7);
        Lanes(ref r0, ref r4);
        Lanes(ref r1, ref r5);
        Lanes(ref r2, ref r6);
        Lanes(ref r3, ref r7);
    }

    /// <summary>Transposes the 4 × 4 matrix in either 128-bit lane of four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InLanes(ref Vector256<float> a, ref Vector256<float> b, ref Vector256<float> c, ref Vector256<float> d)
    {
        Vector256<double> x = Avx.UnpackLow(a, b).AsDouble(), y = Avx.UnpackHigh(a, b).AsDouble();
        Vector256<double> z = Avx.UnpackLow(c, d).AsDouble(), w = Avx.UnpackHigh(c, d).AsDouble();
        a = Avx.UnpackLow(x, z).AsSingle();
        b = Avx.UnpackHigh(x, z).AsSingle();
        c = Avx.UnpackLow(y, w).AsSingle();
        d = Avx.UnpackHigh(y, w).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lanes(ref Vector256<float> low, ref Vector256<float> high)
    {
        Vector256<float> first = Avx.Permute2x128(low, high, 0x20);
        high = Avx.Permute2x128(low, high, 0x31);
        low = first;
    }
}
