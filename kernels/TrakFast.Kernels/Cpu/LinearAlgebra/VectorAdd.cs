using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>Adds and scales short vectors, where the call into a library would cost as much as the work.</summary>
internal static unsafe class VectorAdd
{
    /// <summary>target[i] += source[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* source, float* target, long count)
    {
        long i = 0;
        for (; Simd.Vectors && i <= count - 8; i += 8) (Vector256.Load(target + i) + Vector256.Load(source + i)).Store(target + i);
        for (; i < count; i++) target[i] += source[i];
    }

    /// <summary>target[i] = factor · source[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float factor, float* source, float* target, long count)
    {
        Vector256<float> factors = Vector256.Create(factor);
        long i = 0;
        for (; Simd.Vectors && i <= count - 8; i += 8) (factors * Vector256.Load(source + i)).Store(target + i);
        for (; i < count; i++) target[i] = factor * source[i];
    }
}
