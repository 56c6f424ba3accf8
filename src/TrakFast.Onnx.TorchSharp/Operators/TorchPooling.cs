using TrakFast.Kernels;
using TrakFast.Onnx.Programs;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Pools. Pads that torch's own cannot have are made first: −∞ never wins, and 0 adds nothing.</summary>
internal static class TorchPooling
{
    public static Tensor Max(TorchStep step)
    {
        ConvolutionGeometry g = step.Facts<PoolingFacts>().Geometry;
        long[] kernel = TorchConvolution.Longs(g.Kernel),
            strides = TorchConvolution.Longs(g.Strides),
            dilations = TorchConvolution.Longs(g.Dilations);
        long[] pads = TorchConvolution.Longs(g.PadsBegin);
        Tensor x = Images(step);
        if (!g.PadsBegin.SequenceEqual(g.PadsEnd) || pads.Zip(kernel).Any(static p => p.First > p.Second / 2))
        {
            x = nn.functional.pad(
                x, TorchConvolution.Around(TorchConvolution.Longs(g.PadsBegin), TorchConvolution.Longs(g.PadsEnd)),
                value: double.NegativeInfinity);
            pads = new long[pads.Length];
        }

        return Examples(step, kernel.Length switch
        {
            1 => nn.functional.max_pool1d(x, kernel[0], stride: strides[0], padding: pads[0], dilation: dilations[0]),
            2 => nn.functional.max_pool2d(x, kernel, strides: strides, padding: pads, dilation: dilations),
            _ => nn.functional.max_pool3d(x, kernel, strides: strides, padding: pads, dilation: dilations),
        });
    }

    public static Tensor Average(TorchStep step)
    {
        PoolingFacts pool = step.Facts<PoolingFacts>();
        ConvolutionGeometry g = pool.Geometry;
        long[] kernel = TorchConvolution.Longs(g.Kernel), strides = TorchConvolution.Longs(g.Strides);
        Tensor x = Images(step);
        if (g.PadsBegin.Concat(g.PadsEnd).Any(static p => p != 0))
            x = nn.functional.pad(x, TorchConvolution.Around(TorchConvolution.Longs(g.PadsBegin), TorchConvolution.Longs(g.PadsEnd)));

        // torch's pool has no dilations, and on the CPU none over three axes in half precision.
        bool own = g.Dilations.Any(static d => d != 1) || (kernel.Length == 3 && x.dtype != ScalarType.Float32);
        Tensor means = own ? Means(step, g, x) : kernel.Length switch
        {
            1 => nn.functional.avg_pool1d(x, kernel[0], stride: strides[0]),
            2 => nn.functional.avg_pool2d(x, kernel, stride: strides),
            _ => nn.functional.avg_pool3d(x, kernel, stride: strides),
        };

        // Where fewer elements than the kernel's count, the mean is over those.
        float size = g.KernelSize;
        if (pool.Divisors.Any(d => d != size))
            means = means * step.Floats(pool.Divisors.Select(d => size / d), TorchConvolution.Longs(g.Output));
        return Examples(step, means);
    }

    public static Tensor GlobalAverage(TorchStep step) => Examples(step, Images(step).flatten(2).mean([2]));

    public static Tensor GlobalMax(TorchStep step) => Examples(step, Images(step).flatten(2).max(2L).values);

    // A convolution of each channel with equal weights.
    private static Tensor Means(TorchStep step, ConvolutionGeometry g, Tensor x)
    {
        long[] shape = x.shape, strides = TorchConvolution.Longs(g.Strides), dilations = TorchConvolution.Longs(g.Dilations);
        Tensor planes = x.reshape([shape[0] * shape[1], 1, .. shape[2..]]);
        Tensor weight = step.Floats(Enumerable.Repeat(1f / g.KernelSize, g.KernelSize), [1, 1, .. TorchConvolution.Longs(g.Kernel)]);
        return strides.Length switch
        {
            1 => nn.functional.conv1d(planes, weight, stride: strides[0], dilation: dilations[0]),
            2 => nn.functional.conv2d(planes, weight, strides: strides, dilation: dilations),
            _ => nn.functional.conv3d(planes, weight, strides: strides, dilation: dilations),
        };
    }

    // [P·N, C, S…] and back.
    private static Tensor Images(TorchStep step)
    {
        Tensor x = step[0];
        long[] shape = x.shape;
        return x.reshape([shape[0] * shape[1], .. shape[2..]]);
    }

    private static Tensor Examples(TorchStep step, Tensor y) => y.reshape([y.numel() / step.Output.Length, .. step.Output.Shape]);
}
