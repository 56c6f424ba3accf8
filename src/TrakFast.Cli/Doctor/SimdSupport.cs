using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Cli.Doctor;

/// <summary>The vector instructions the kernels can use in this process.</summary>
internal static class SimdSupport
{
    /// <summary>Name of the widest vectors the just-in-time compiler maps to hardware.</summary>
    public static string Widest() => true switch
    {
        _ when Vector512.IsHardwareAccelerated => "Vector512",
        _ when Vector256.IsHardwareAccelerated => "Vector256",
        _ when Vector128.IsHardwareAccelerated => "Vector128",
        _ => "none (scalar code)",
    };

    /// <summary>Instruction sets in use, widest first; empty when there is none.</summary>
    public static IReadOnlyList<string> Sets()
    {
        (string Name, bool IsSupported)[] sets =
        [
            ("AVX-512F", Avx512F.IsSupported),
            ("AVX-512BW", Avx512BW.IsSupported),
            ("AVX-512VBMI", Avx512Vbmi.IsSupported),
            ("AVX2", Avx2.IsSupported),
            ("FMA", Fma.IsSupported),
            ("SSE4.2", Sse42.IsSupported),
            ("AdvSimd", AdvSimd.IsSupported),
            ("AdvSimd.Dp", Dp.IsSupported),
        ];
        return [.. sets.Where(static s => s.IsSupported).Select(static s => s.Name)];
    }
}
