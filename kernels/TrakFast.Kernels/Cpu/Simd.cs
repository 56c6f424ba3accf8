using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// Which instruction sets the kernels use. The JIT folds these to constants, so a test of one costs nothing and the
/// switches <c>DOTNET_EnableAVX512=0</c> and <c>DOTNET_EnableAVX2=0</c> select the other paths.
/// </summary>
internal static class Simd
{
    /// <summary>
    /// 512-bit kernels. Asks for the instructions rather than for <c>Vector512.IsHardwareAccelerated</c>, which is false
    /// on processors that lower their clock a little: the kernels gain far more than that costs.
    /// </summary>
    public static bool Avx512 => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported;

    /// <summary>256-bit kernels with fused multiply-add.</summary>
    public static bool Avx256 => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Any vectors at all; without them the vector types are emulated, many times slower than plain loops.</summary>
    public static bool Vectors => Vector128.IsHardwareAccelerated;

    /// <summary>The name people know the widest set in use by.</summary>
    public static string Name => Avx512 ? "AVX-512" : Avx256 ? "AVX2" : Vectors ? "128-bit SIMD" : "scalar";
}
