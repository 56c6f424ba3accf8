namespace TrakFast.Kernels;

/// <summary>The definition of a convolution and of its input gradient, for one example, in the plainest loops.</summary>
internal static unsafe class ReferenceConvolution
{
    /// <summary>output[o, p] = bias[o] + Σ_{c, tap} weight[o, c, tap]·input[c, position of tap seen from p].</summary>
    public static void Forward(ConvolutionGeometry g, float* input, float* weight, float* bias, double* output)
    {
        Visit(g, (o, c, w, p, at) => output[((long)o * g.OutputSize) + p] += (double)weight[w] * input[((long)c * g.InputSize) + at]);
        for (int o = 0; o < g.OutputChannels && bias is not null; o++)
        {
            for (int p = 0; p < g.OutputSize; p++) output[((long)o * g.OutputSize) + p] += bias[o];
        }
    }

    /// <summary>inputGradient[c, position of tap seen from p] += weight[o, c, tap]·delta[o, p].</summary>
    public static void InputGradient(ConvolutionGeometry g, float* delta, float* weight, double* inputGradient) =>
        Visit(
            g, (o, c, w, p, at) => inputGradient[((long)c * g.InputSize) + at] += (double)weight[w] * delta[((long)o * g.OutputSize) + p]);

    private static void Visit(ConvolutionGeometry g, Action<int, int, long, int, long> term)
    {
        int groupChannels = g.InputChannels / g.Groups, groupRows = g.OutputChannels / g.Groups;
        for (int o = 0; o < g.OutputChannels; o++)
        {
            for (int c = 0; c < groupChannels; c++)
            {
                for (int tap = 0; tap < g.KernelSize; tap++)
                {
                    for (int p = 0; p < g.OutputSize; p++)
                    {
                        long at = GradientMatrix.InputPosition(g, p, tap);
                        if (at >= 0)
                            term(o, (o / groupRows * groupChannels) + c, ((((long)o * groupChannels) + c) * g.KernelSize) + tap, p, at);
                    }
                }
            }
        }
    }
}
