using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// A convolution of many images as a matrix product for each image and group over its unfolded patches; images are
/// shared among threads.
/// </summary>
internal static unsafe class ConvolutionPass
{
    /// <summary>y [images, O, P…] = W * x + bias.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="pool">Where room for patches comes from.</param>
    /// <param name="geometry">The convolution.</param>
    /// <param name="images">Number of images.</param>
    /// <param name="x">[images, C, S…].</param>
    /// <param name="weight">[O, C/groups, kernel…].</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="y">Receives the result.</param>
    public static void Forward(Workers workers, BufferPool pool, ConvolutionGeometry geometry, long images, float* x, float* weight, float* bias, float* y)
    {
        long inputs = (long)geometry.InputChannels * geometry.InputSize, outputs = (long)geometry.OutputChannels * geometry.OutputSize;
        int channels = geometry.OutputChannels / geometry.Groups, rows = geometry.UnfoldedRows, positions = geometry.OutputSize;
        workers.Run(images, Grain(geometry), (start, end) =>
        {
            NativeBuffer<float> columns = pool.Rent((long)rows * positions);
            for (long image = start; image < end; image++)
            {
                float* to = y + (image * outputs);
                if (bias is not null) FillRows(to, bias, geometry.OutputChannels, positions);
                for (int group = 0; group < geometry.Groups; group++)
                {
                    float* patches = Patches(geometry, group, x + (image * inputs), columns.Pointer);
                    Sgemm.Multiply(
                        Workers.Single, false, false, channels, positions, rows,
                        weight + ((long)group * channels * rows), rows, patches, positions, to + ((long)group * channels * positions), positions, accumulate: bias is not null);
                }
            }

            pool.Return(columns);
        });
    }

    /// <summary>The input's gradient [images, C, S…], overwritten, from the output's.</summary>
    public static void InputGradient(Workers workers, BufferPool pool, ConvolutionGeometry geometry, long images, float* delta, float* weight, float* gradient)
    {
        long inputs = (long)geometry.InputChannels * geometry.InputSize, outputs = (long)geometry.OutputChannels * geometry.OutputSize;
        int channels = geometry.OutputChannels / geometry.Groups, rows = geometry.UnfoldedRows, positions = geometry.OutputSize;
        workers.Run(images, Grain(geometry), (start, end) =>
        {
            NativeBuffer<float> columns = pool.Rent((long)rows * positions);
            for (long image = start; image < end; image++)
            {
                float* to = gradient + (image * inputs);
                NativeMemory.Clear(to, (nuint)inputs * sizeof(float));
                for (int group = 0; group < geometry.Groups; group++)
                {
                    float* from = delta + (image * outputs) + ((long)group * channels * positions);
                    Sgemm.Multiply(
                        Workers.Single, true, false, rows, positions, channels,
                        weight + ((long)group * channels * rows), rows, from, positions, columns.Pointer, positions, accumulate: false);
                    Unfold.Backward(geometry, group, columns.Pointer, to);
                }
            }

            pool.Return(columns);
        });
    }

    /// <summary>One image's weight gradient [O, C/groups, kernel…], overwritten or added to.</summary>
    public static void WeightGradient(ConvolutionGeometry geometry, float* delta, float* x, float* columns, float* gradient, bool accumulate)
    {
        int channels = geometry.OutputChannels / geometry.Groups, rows = geometry.UnfoldedRows, positions = geometry.OutputSize;
        for (int group = 0; group < geometry.Groups; group++)
        {
            float* patches = Patches(geometry, group, x, columns);
            Sgemm.Multiply(
                Workers.Single, false, true, channels, rows, positions,
                delta + ((long)group * channels * positions), positions, patches, positions, gradient + ((long)group * channels * rows), rows, accumulate);
        }
    }

    // A 1×1 kernel without strides or pads sees the input as it lies.
    private static float* Patches(ConvolutionGeometry geometry, int group, float* x, float* columns)
    {
        if (geometry.KernelSize == 1 && geometry.OutputSize == geometry.InputSize && All(geometry.Strides, 1) && All(geometry.PadsBegin, 0))
            return x + ((long)group * geometry.UnfoldedRows * geometry.InputSize);
        Unfold.Forward(geometry, group, x, columns);
        return columns;
    }

    private static bool All(IReadOnlyList<int> values, int wanted)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] != wanted) return false;
        }

        return true;
    }

    private static void FillRows(float* to, float* values, int rows, int length)
    {
        for (int row = 0; row < rows; row++) new Span<float>(to + ((long)row * length), length).Fill(values[row]);
    }

    private static long Grain(ConvolutionGeometry geometry) => Math.Max(Vectors.Grain / Math.Max(geometry.WeightSize * geometry.OutputSize, 1), 1);
}
