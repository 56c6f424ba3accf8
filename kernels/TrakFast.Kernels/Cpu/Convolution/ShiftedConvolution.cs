namespace TrakFast.Kernels;

/// <summary>Picks the raster kernels for the processor, as <see cref="Sgemm"/> picks a product's.</summary>
internal static unsafe class ShiftedConvolution
{
    /// <summary>The weight's gradient summed over the batch: see <see cref="ShiftedGradient{TKernel}"/>.</summary>
    public static void WeightGradientSum(Workers workers, ConvolutionPlan plan, int batch, float* input, float* delta, float* gradient)
    {
        if (Simd.Avx512) ShiftedGradient<GemmKernel512<float>>.Run(workers, plan, batch, input, delta, gradient);
        else if (Simd.Avx256) ShiftedGradient<GemmKernel256<float>>.Run(workers, plan, batch, input, delta, gradient);
        else if (Simd.Vectors) ShiftedGradient<GemmKernel128<float>>.Run(workers, plan, batch, input, delta, gradient);
        else ShiftedGradient<GemmKernelScalar<float>>.Run(workers, plan, batch, input, delta, gradient);
    }
}
