using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>Picks the kernels of Winograd's convolution for the processor, as <see cref="Sgemm"/> picks a product's.</summary>
internal static unsafe class WinogradConvolution
{
    /// <summary>
    /// target = convolution + bias, or target += input gradient:
    /// see <see cref="WinogradMultiplier{TKernel, TVector, TLanes}"/>. Wants vectors.
    /// </summary>
    public static void Run(Workers workers, WinogradPlan plan, int batch, float* source, float* weight, float* bias, float* target)
    {
        // The transforms are a small part of the work: eight tiles at a time serve the wider products too.
        if (Simd.Avx512)
            WinogradMultiplier<GemmKernel512<float>, Vector256<float>, TileLanes256>.Run(
                workers, plan, batch, source, weight, bias, target);
        else if (Simd.Avx256)
            WinogradMultiplier<GemmKernel256<float>, Vector256<float>, TileLanes256>.Run(
                workers, plan, batch, source, weight, bias, target);
        else
            WinogradMultiplier<GemmKernel128<float>, Vector128<float>, TileLanes128>.Run(
                workers, plan, batch, source, weight, bias, target);
    }
}
