using TorchSharp.Modules;
using TrakFast.Kernels;

namespace TrakFast.TorchSharp;

/// <summary>A TorchSharp convolution's settings as a geometry.</summary>
internal static class ConvolutionShape
{
    public static ConvolutionGeometry Of(
        Convolution module, long inputs, long outputs, ReadOnlySpan<long> size, long[] begin, long[] end) => new(
        checked((int)module.groups),
        checked((int)inputs),
        checked((int)outputs),
        Ints(size),
        Ints(module.kernel_size),
        Ints(module.stride),
        Ints(module.dilation),
        Ints(begin),
        Ints(end));

    private static int[] Ints(ReadOnlySpan<long> sizes)
    {
        int[] result = new int[sizes.Length];
        for (int i = 0; i < result.Length; i++) result[i] = checked((int)sizes[i]);
        return result;
    }
}
