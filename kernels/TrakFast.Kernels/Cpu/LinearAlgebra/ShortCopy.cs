using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>A copy of a few vectors, too short for a call into the runtime.</summary>
internal static unsafe class ShortCopy
{
    /// <summary>target[x] = source[x].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(float* source, float* target, int count)
    {
        int x = 0;
        for (; Simd.Vectors && x <= count - 8; x += 8) Vector256.Load(source + x).Store(target + x);
        if (Simd.Vectors && x <= count - 4)
        {
            Vector128.Load(source + x).Store(target + x);
            x += 4;
        }

        for (; x < count; x++) target[x] = source[x];
    }
}
