using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>
/// The weight gradient of a stride-1 convolution, summed over a batch, on the raster transposed: channels side by side at
/// each position, so that what a tap sees of all channels is a contiguous row and what the taps of one kernel line see is
/// one longer row. The product runs over the outputs' positions alone, in depths of several examples; how many depends on
/// the shape alone, and one thread owns each element, so the bits do not depend on the threads.
/// </summary>
internal static unsafe class ShiftedGradient<TKernel>
    where TKernel : struct, IGemmKernel<float>
{
    private const int Vector = 16;

    /// <summary>Floats of turned raster and of gradients that stay in the second-level cache.</summary>
    private const int StretchFloats = 1 << 16;

    private const int FewestColumns = 512;
    private const int MostColumns = 1024;

    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Grain = 1 << 18;

    /// <summary>gradient += Σ_b ∂/∂weight ⟨delta_b, output_b⟩.</summary>
    public static void Run(Workers workers, ConvolutionPlan plan, int batch, float* input, float* delta, float* gradient)
    {
        ConvolutionRaster raster = plan.InputRaster!;
        int channels = plan.GroupChannels, rows = plan.GroupRows, taps = plan.Taps, positions = plan.Positions;
        long lines = (long)batch * raster.Lines;
        if (lines == 0) return;
        long columns = Math.Clamp(StretchFloats / Math.Max(channels, rows), FewestColumns, MostColumns);

        // Whole examples if one fits.
        int height = (int)Math.Max(1, columns / raster.Pitch);
        if (height > raster.Lines) height -= height % raster.Lines;
        height = (int)Math.Min(height, lines);
        int halo = raster.Halo, blocks = (channels + Vector - 1) / Vector;
        long seen = ((((long)(height + halo) * raster.Pitch) + Vector - 1) / Vector * Vector);
        long stride = ConvolutionScratch.OddLines(seen + raster.Reach);
        long deepest = (long)height * raster.OutputWidth;

        // A row of the turned raster: whole vectors, and not a multiple of four lines of the cache.
        long step = channels <= Vector ? channels : (channels + Vector - 1) / Vector * Vector;
        bool joined = JoinsTaps(plan, step, out int run);
        if (!joined && step % (4 * Vector) == 0) step += Vector;
        int runs = taps / run;
        long runWidth = ((run - 1) * step) + channels;
        long across = TKernel.Columns, panelsAcross = (runWidth + across - 1) / across;
        long panels = (rows + TKernel.Rows - 1) / TKernel.Rows;

        long turnedFloats = ((seen + raster.Reach + Vector) * step) + (2 * across),
            deltaFloats = (rows * deepest) + ((panels + 1) * Vector);
        long sumFloats = runs * panelsAcross * across * rows;
        long tables = height + halo;
        nint* places = (nint*)ConvolutionScratch.ForCall(
            ((deepest + (2 * tables)) * sizeof(nint)) + ((turnedFloats + deltaFloats + sumFloats) * sizeof(float)));
        nint* sources = places + deepest, targets = sources + tables;
        float* turned = (float*)(targets + tables), deltas = turned + turnedFloats, sums = deltas + deltaFloats;

        // What lies behind the last position is read and dropped; it must not be slow to multiply.
        new Span<float>(turned + (seen * step), checked((int)(turnedFloats - (seen * step)))).Clear();
        Workers threads = workers.Threads > 1 && (double)deepest * plan.UnfoldedRows * rows < Grain ? Workers.Single : workers;
        for (int group = 0; group < plan.Groups; group++)
        {
            float* groupInput = input + ((long)group * channels * plan.InputSize), groupDelta = delta + ((long)group * rows * positions);
            for (long first = 0; first < lines; first += height)
            {
                int count = (int)Math.Min(height, lines - first);
                RasterLines.Locate(raster.Sources, first, count + halo, batch, (long)plan.InputChannels * plan.InputSize, sources);
                RasterLines.Locate(raster.Targets, first, count, batch, (long)plan.OutputChannels * positions, targets);
                long depth = 0;
                for (int line = 0; line < count; line++)
                {
                    for (int x = 0; x < raster.OutputWidth && targets[line] >= 0; x++)
                        places[depth++] = (nint)((((long)line * raster.Pitch) + x) * step);
                }

                if (depth == 0) continue;
                threads.Run(blocks + panels, 1, (start, end) =>
                {
                    for (long item = start; item < end; item++)
                    {
                        if (item < blocks)
                            Turn(
                                raster, groupInput, (int)item * Vector, channels, plan.InputSize,
                                sources, count + halo, stride, turned, step);
                        else PackDelta(raster, groupDelta, item - blocks, panels, rows, positions, targets, count, depth, deepest, deltas);
                    }
                });
                bool add = first > 0;
                threads.Run(runs * panelsAcross, 1, (start, end) =>
                {
                    for (long item = start; item < end; item++)
                    {
                        (long line, long panelAcross) = Math.DivRem(item, panelsAcross);
                        float* b = turned + (raster.Shifts[line * run] * step) + (panelAcross * across), c = sums + (item * across * rows);
                        for (long panel = 0; panel < panels; panel++)
                        {
                            long row = panel * rows / panels;
                            int high = (int)(((panel + 1) * rows / panels) - row);
                            TKernel.RunAt(
                                high, (nint)depth, deltas + (row * deepest) + (panel * Vector), high, b, places,
                                c + (row * across), (nint)across, add);
                        }
                    }
                });
            }

            AddSums(sums, gradient + ((long)group * rows * channels * taps), rows, channels, taps, run, step, panelsAcross);
        }
    }

    /// <summary>Whether the taps of a kernel line go into one row; they do where that fills the kernel's columns better.</summary>
    private static bool JoinsTaps(ConvolutionPlan plan, long step, out int run)
    {
        run = plan.LastKernel;
        long across = TKernel.Columns;
        long apart = run * ((plan.GroupChannels + across - 1) / across), together = ((run * step) + across - 1) / across;
        bool joins = run > 1 && plan.InputRaster!.Shifts[1] == 1 && together < apart;
        if (!joins) run = 1;
        return joins;
    }

    /// <summary>Lays out up to 16 channels and turns them over.</summary>
    private static void Turn(
        ConvolutionRaster raster, float* input, int first, int channels, int size, nint* sources, int lines,
        long stride, float* turned, long step)
    {
        int count = Math.Min(Vector, channels - first);
        float* flat = (float*)ConvolutionScratch.ForThread(Vector * stride * sizeof(float));
        Unsafe.InitBlockUnaligned(flat, 0, checked((uint)(count * stride * sizeof(float))));
        RasterLines.Fill(raster, input + ((long)first * size), sources, lines, count, size, flat, stride);
        RasterLines.Transpose(flat, stride, count, lines * raster.Pitch, turned + first, step);
    }

    /// <summary>One panel of the outputs' gradients, position by position, without what lies between lines.</summary>
    private static void PackDelta(
        ConvolutionRaster raster, float* delta, long panel, long panels, int rows, int positions, nint* targets, int lines,
        long depth, long deepest, float* deltas)
    {
        long row = panel * rows / panels;
        int high = (int)(((panel + 1) * rows / panels) - row), width = raster.OutputWidth;
        float* target = deltas + (row * deepest) + (panel * Vector);
        for (int line = 0; line < lines;)
        {
            if (targets[line] < 0)
            {
                line++;
                continue;
            }

            // Lines with outputs that follow one another in the tensor are packed as one.
            nint begin = targets[line];
            int length = 0;
            for (; line < lines && (targets[line] < 0 || targets[line] == begin + length); line++)
            {
                if (targets[line] >= 0) length += width;
            }

            Pack.Panel(true, delta + begin + (row * positions), positions, high, high, length, target);
            target += (long)length * high;
        }
    }

    /// <summary>Adds the sums, which lie by kernel line, tap and channel, to the gradient, which lies by channel and tap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSums(float* sums, float* gradient, int rows, int channels, int taps, int run, long step, long panelsAcross)
    {
        int across = TKernel.Columns;
        for (int row = 0; row < rows; row++, gradient += (long)channels * taps)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                (int line, int k) = Math.DivRem(tap, run);
                (long panel, long lane) = Math.DivRem(k * step, across);
                float* source = sums + (((((line * panelsAcross) + panel) * rows) + row) * across), target = gradient + tap;
                for (int done = 0; done < channels; lane = 0, source += (long)rows * across)
                {
                    int several = (int)Math.Min(across - lane, channels - done);
                    for (int i = 0; i < several; i++, target += taps) *target += source[lane + i];
                    done += several;
                }
            }
        }
    }
}
