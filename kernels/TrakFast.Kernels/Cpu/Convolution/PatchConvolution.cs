namespace TrakFast.Kernels;

/// <summary>Picks the patch product's kernel for the processor, as <see cref="Sgemm"/> picks a product's.</summary>
internal static unsafe class PatchConvolution
{
    /// <summary>target = product + bias, or target += products: see <see cref="PatchMultiplier{TKernel}"/>.</summary>
    public static void Run(
        Workers workers, PatchProduct[] products, int batch, float* source, float* weight, float* bias, float* target, bool add)
    {
        if (Simd.Avx512) PatchMultiplier<GemmKernel512<float>>.Run(workers, products, batch, source, weight, bias, target, add);
        else if (Simd.Avx256) PatchMultiplier<GemmKernel256<float>>.Run(workers, products, batch, source, weight, bias, target, add);
        else if (Simd.Vectors) PatchMultiplier<GemmKernel128<float>>.Run(workers, products, batch, source, weight, bias, target, add);
        else PatchMultiplier<GemmKernelScalar<float>>.Run(workers, products, batch, source, weight, bias, target, add);
    }
}
