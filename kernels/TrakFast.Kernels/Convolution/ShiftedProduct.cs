using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>
/// A stride-1 convolution on the raster: the weight is packed once, stretches of the batch's raster are laid out with their
/// borders, and the micro-kernel reads each tap at its shift. Faster than unfolding because the input is copied once rather
/// than once a tap, and because small maps lie side by side instead of leaving the kernel's columns empty. An output is one
/// chain of multiply-adds for each depth block, whichever stretch it lies in: its bits depend on neither batch nor threads.
/// </summary>
internal static unsafe class ShiftedProduct<TKernel>
    where TKernel : struct, IGemmKernel<float>
{
    /// <summary>Depth is cut as in <see cref="Gemm{T, TKernel}"/>.</summary>
    private const int Depth = 512;

    /// <summary>Floats of raster and of product that stay in the second-level cache.</summary>
    private const int StretchFloats = 1 << 15;

    private const int FewestColumns = 256;
    private const int MostColumns = 2048;

    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Grain = 1 << 18;

    /// <summary>y = w ∗ x + bias, or y += mirrored w ∗ x.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="plan">The convolution.</param>
    /// <param name="mirrored">Whether x is the output's gradient and y the input's, accumulated.</param>
    /// <param name="batch">Examples.</param>
    /// <param name="x">What is convolved.</param>
    /// <param name="weight">[O, C/groups, kernel…].</param>
    /// <param name="bias">[O] or null; unused where mirrored.</param>
    /// <param name="y">Receives the result.</param>
    public static void Run(Workers workers, ConvolutionPlan plan, bool mirrored, int batch, float* x, float* weight, float* bias, float* y)
    {
        ConvolutionRaster raster = mirrored ? plan.DeltaRaster! : plan.InputRaster!;
        (int inputs, int outputs) = mirrored ? (plan.GroupRows, plan.GroupChannels) : (plan.GroupChannels, plan.GroupRows);
        (int inputSize, int outputSize) = mirrored ? (plan.Positions, plan.InputSize) : (plan.InputSize, plan.Positions);
        int taps = plan.Taps, groups = plan.Groups;
        long depth = (long)inputs * taps, lines = (long)batch * raster.Lines;
        if (lines == 0 || depth == 0) return;

        // Stretches of equal length, no fewer than threads that are worth their start.
        long columns = Math.Clamp(StretchFloats / Math.Max(inputs, outputs), FewestColumns, MostColumns);
        double work = (double)lines * raster.Pitch * depth * outputs * groups;
        long threads = (long)Math.Clamp(work / Grain, 1, workers.Threads);
        long stretches = Math.Max((lines * raster.Pitch + columns - 1) / columns, (threads + groups - 1) / groups);
        int height = (int)((lines + Math.Min(stretches, lines) - 1) / Math.Min(stretches, lines));
        stretches = (lines + height - 1) / height;

        int across = TKernel.Columns;
        long width = (((long)height * raster.Pitch) + across - 1) / across * across;
        long inputStride = ConvolutionScratch.OddLines(Math.Max(width + raster.Reach, (long)(height + raster.Halo) * raster.Pitch));
        long outputStride = ConvolutionScratch.OddLines(width);
        long packed = outputs * depth * groups;

        nint* shifts = (nint*)ConvolutionScratch.ForCall((depth * sizeof(nint)) + ((packed + 64) * sizeof(float)));
        float* weights = (float*)(shifts + depth);
        for (int c = 0; c < inputs; c++)
        {
            for (int tap = 0; tap < taps; tap++) shifts[(c * taps) + tap] = (nint)(c * inputStride) + raster.Shifts[tap];
        }

        for (int group = 0; group < groups; group++)
            PackWeight(plan, mirrored, outputs, depth, weight + (group * outputs * depth), weights + (group * outputs * depth));

        workers.Run(stretches * groups, Math.Max(1, (stretches * groups) / threads), (start, end) =>
        {
            long rasterFloats = inputs * inputStride;
            int tables = height + raster.Halo;
            float* input = (float*)ConvolutionScratch.ForThread(((rasterFloats + (outputs * outputStride)) * sizeof(float)) + (2L * tables * sizeof(nint)));
            float* product = input + rasterFloats;
            nint* sources = (nint*)(product + (outputs * outputStride)), targets = sources + tables;

            // Borders stay zero from here on: every stretch begins with a line.
            Unsafe.InitBlockUnaligned(input, 0, checked((uint)(rasterFloats * sizeof(float))));
            for (long item = start; item < end; item++)
            {
                (long stretch, long group) = Math.DivRem(item, groups);
                long first = stretch * height;
                int count = (int)Math.Min(height, lines - first);
                RasterLines.Locate(raster.Sources, first, count + raster.Halo, batch, (long)inputs * groups * inputSize, sources);
                RasterLines.Locate(raster.Targets, first, count, batch, (long)outputs * groups * outputSize, targets);
                RasterLines.Fill(raster, x + (group * inputs * inputSize), sources, count + raster.Halo, inputs, inputSize, input, inputStride);
                Multiply(outputs, (count * (long)raster.Pitch) - raster.Pitch + raster.OutputWidth, depth, weights + (group * outputs * depth), input, shifts, product, outputStride);
                float* to = y + (group * outputs * outputSize);
                if (mirrored) RasterLines.Add(raster, product, outputStride, targets, count, outputs, to, outputSize);
                else RasterLines.Store(raster, product, outputStride, targets, count, outputs, bias is null ? null : bias + (group * outputs), to, outputSize);
            }
        });
    }

    /// <summary>product [rows, columns] = packed weight · raster, rows of the raster at their shifts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(int rows, long columns, long depth, float* weights, float* input, nint* shifts, float* product, long stride)
    {
        long blocks = (depth + Depth - 1) / Depth, panels = (rows + TKernel.Rows - 1) / TKernel.Rows;
        for (long block = 0; block < blocks; block++)
        {
            long from = block * depth / blocks;
            nint deep = (nint)(((block + 1) * depth / blocks) - from);
            float* a = weights + (from * rows);
            for (long column = 0; column < columns; column += TKernel.Columns)
            {
                for (long panel = 0; panel < panels; panel++)
                {
                    long row = panel * rows / panels;
                    int count = (int)(((panel + 1) * rows / panels) - row);
                    TKernel.RunAt(count, deep, a + (row * deep), count, input + column, shifts + from, product + (row * stride) + column, (nint)stride, block > 0);
                }
            }
        }
    }

    /// <summary>One group's weight in the order <see cref="Multiply"/> reads: depth blocks, row panels, depth, rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackWeight(ConvolutionPlan plan, bool mirrored, int rows, long depth, float* weight, float* target)
    {
        int taps = plan.Taps;
        long blocks = (depth + Depth - 1) / Depth, panels = (rows + TKernel.Rows - 1) / TKernel.Rows;
        for (long block = 0; block < blocks; block++)
        {
            long from = block * depth / blocks, to = (block + 1) * depth / blocks;
            for (long panel = 0; panel < panels; panel++)
            {
                long row = panel * rows / panels;
                int count = (int)(((panel + 1) * rows / panels) - row);
                float* panelTarget = target + (from * rows) + (row * (to - from));
                if (!mirrored)
                {
                    Pack.Panel(true, weight + (row * depth) + from, depth, count, count, (int)(to - from), panelTarget);
                    continue;
                }

                // Rows are input channels, depth runs over output channels and taps. The taps of a row lie together.
                (long channel, long tap) = Math.DivRem(from, taps);
                for (long d = from; d < to; channel++, tap = 0)
                {
                    int several = (int)Math.Min(taps - tap, to - d);
                    float* source = weight + (((channel * rows) + row) * taps) + tap;
                    for (int i = 0; i < count; i++, source += taps)
                    {
                        for (int t = 0; t < several; t++) panelTarget[(t * count) + i] = source[t];
                    }

                    d += several;
                    panelTarget += several * count;
                }
            }
        }
    }
}
