using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>
/// Convolutions without a matrix of patches: 3 × 3 kernels in a quarter of the multiplications (<see cref="WinogradPlan"/>),
/// groups of a channel or two along lines (<see cref="DirectConvolution"/>), all others as products whose patches are packed
/// from padded lines (<see cref="PatchProduct"/>). The geometry alone decides which. All arrays are float32, row-major:
/// input [B, C, S…], weight [O, C/groups, kernel…], output [B, O, P…].
/// </summary>
public static unsafe class ConvolutionKernels
{
    /// <summary>Floats of unfolded input that <see cref="WeightGradientSum"/> holds at once.</summary>
    private const long UnfoldedFloats = 4 << 20;

    /// <summary>output = weight ∗ input + bias. An example's bits do not depend on the batch.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="geometry">The convolution.</param>
    /// <param name="batch">Examples B.</param>
    /// <param name="input">[B, C, S…].</param>
    /// <param name="weight">[O, C/groups, kernel…].</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="output">Receives [B, O, P…].</param>
    public static void Forward(
        Workers workers, ConvolutionGeometry geometry, int batch, float* input, float* weight, float* bias, float* output)
    {
        ConvolutionPlan plan = ConvolutionPlan.Of(geometry);
        if (plan.ForwardDirect) DirectConvolution.Run(workers, plan.ForwardProducts, batch, input, weight, bias, output, false);
        else if (Simd.Vectors && plan.ForwardWinograd is { } winograd)
            WinogradConvolution.Run(workers, winograd, batch, input, weight, bias, output);
        else PatchConvolution.Run(workers, plan.ForwardProducts, batch, input, weight, bias, output, false);
    }

    /// <summary>inputGradient += ∂/∂input ⟨delta, output⟩. An example's bits do not depend on the batch.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="geometry">The convolution.</param>
    /// <param name="batch">Examples B.</param>
    /// <param name="delta">[B, O, P…], the gradient of the output.</param>
    /// <param name="weight">[O, C/groups, kernel…].</param>
    /// <param name="inputGradient">[B, C, S…], accumulated.</param>
    public static void InputGradient(
        Workers workers, ConvolutionGeometry geometry, int batch, float* delta, float* weight, float* inputGradient)
    {
        ConvolutionPlan plan = ConvolutionPlan.Of(geometry);
        if (plan.BackwardDirect) DirectConvolution.Run(workers, plan.BackwardProducts, batch, delta, weight, null, inputGradient, true);
        else if (Simd.Vectors && plan.BackwardWinograd is { } winograd)
            WinogradConvolution.Run(workers, winograd, batch, delta, weight, null, inputGradient);
        else PatchConvolution.Run(workers, plan.BackwardProducts, batch, delta, weight, null, inputGradient, true);
    }

    /// <summary>
    /// weightGradient += Σ_b ∂/∂weight ⟨delta_b, output_b⟩. Several examples are unfolded side by side, so that the product
    /// is deep enough to run at full speed; how many depends on the shape alone.
    /// </summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="geometry">The convolution.</param>
    /// <param name="batch">Examples B.</param>
    /// <param name="input">[B, C, S…].</param>
    /// <param name="delta">[B, O, P…], the gradient of the output.</param>
    /// <param name="weightGradient">[O, C/groups · taps], accumulated.</param>
    public static void WeightGradientSum(
        Workers workers, ConvolutionGeometry geometry, int batch, float* input, float* delta, float* weightGradient)
    {
        ConvolutionPlan plan = ConvolutionPlan.Of(geometry);
        if (plan.InputRaster is not null && !plan.FewInputs)
        {
            ShiftedConvolution.WeightGradientSum(workers, plan, batch, input, delta, weightGradient);
            return;
        }

        long positions = plan.Positions, rows = plan.UnfoldedRows;
        int together = (int)Math.Clamp(UnfoldedFloats / Math.Max(1, rows * positions), 1, Math.Max(1, batch));
        float* unfolded = (float*)ConvolutionScratch.ForCall(together * positions * (rows + plan.GroupRows) * sizeof(float)),
            deltas = unfolded + (together * positions * rows);
        for (int first = 0; first < batch; first += together)
        {
            int count = Math.Min(together, batch - first);
            long step = count * positions;
            for (int group = 0; group < plan.Groups; group++)
            {
                int g = group, b0 = first;
                workers.Run(count, 1, (start, end) =>
                {
                    for (long e = start; e < end; e++)
                    {
                        Unfold.Forward(plan, g, input + ((b0 + e) * plan.InputChannels * plan.InputSize), unfolded + (e * positions), step);
                        float* source = delta + ((((b0 + e) * plan.OutputChannels) + ((long)g * plan.GroupRows)) * positions);
                        for (int o = 0; o < plan.GroupRows; o++)
                            Unsafe.CopyBlockUnaligned(
                                deltas + (o * step) + (e * positions), source + (o * positions), (uint)(positions * sizeof(float)));
                    }
                });
                Sgemm.Multiply(
                    workers, false, true, plan.GroupRows, rows, step, deltas, step, unfolded, step,
                    weightGradient + ((long)group * plan.GroupRows * rows), rows, true);
            }
        }
    }
}
