using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>
/// Runs a <see cref="WinogradPlan"/>: the weights are transformed once a call, packed; blocks of tiles, of several examples
/// where maps are small, go through the transform of the input, 36 products [outputs, inputs] · [inputs, tiles] and the
/// transform of the output while they stay in a cache. A tile's numbers are chains of multiply-adds cut by the channels
/// alone: its bits depend on neither batch nor threads nor its block.
/// </summary>
internal static unsafe class WinogradMultiplier<TKernel, TVector, TLanes>
    where TKernel : struct, IGemmKernel<float>
    where TVector : struct
    where TLanes : struct, ITileLanes<TVector>
{
    private const int Numbers = WinogradPlan.Points * WinogradPlan.Points;

    /// <summary>Depth of a block, so that a panel of tiles stays in the first-level cache beside one of weights.</summary>
    private const int Depth = 256;

    /// <summary>Floats of transformed tiles and products that stay in a cache.</summary>
    private const long BlockFloats = 3 << 19;

    /// <summary>Floats of weights that stay in the second-level cache.</summary>
    private const int WeightFloats = 1 << 16;

    private const int Slack = 16;

    /// <summary>target = convolution + bias, or target += input gradient.</summary>
    public static void Run(Workers workers, WinogradPlan plan, int batch, float* source, float* weight, float* bias, float* target)
    {
        long tiles = (long)batch * plan.Tiles;
        if (tiles == 0) return;
        int columns = TKernel.Columns, panels = RowPanels(plan);
        long panelFloats = PanelFloats(plan), weightStep = ConvolutionScratch.OddLines(panels * panelFloats);
        float* weights = (float*)ConvolutionScratch.ForCall(Numbers * weightStep * sizeof(float));
        workers.Run(panels, Math.Max(1, 256 / plan.Inputs), (start, end) =>
        {
            for (long panel = start; panel < end; panel++)
                PackWeights(plan, panel, weight, weights + (panel * panelFloats), (nint)weightStep);
        });

        // Enough tiles to read the weights seldom, few enough for the cache; a block for every thread if there are as many tiles.
        long length = Math.Max(2 * columns, BlockFloats / (Numbers * (plan.Inputs + plan.Outputs)));
        length = Math.Min(length, Math.Max(2 * columns, (tiles + workers.Threads - 1) / workers.Threads));
        long blocks = (tiles + length - 1) / length;
        length = ((tiles + blocks - 1) / blocks + columns - 1) / columns * columns;
        blocks = (tiles + length - 1) / length;
        bool across = blocks >= workers.Threads;
        (across ? workers : Workers.Single).Run(blocks, 1, (start, end) =>
        {
            for (long block = start; block < end; block++)
            {
                long first = block * length;
                Block(
                    across ? Workers.Single : workers, plan, first, (int)Math.Min(length, tiles - first),
                    source, weights, weightStep, bias, target);
            }
        });
    }

    private static int RowPanels(WinogradPlan plan) => (plan.Outputs + TKernel.Rows - 1) / TKernel.Rows;

    private static int RowOf(WinogradPlan plan, long panel) => (int)(panel * plan.Outputs / RowPanels(plan));

    private static long PanelFloats(WinogradPlan plan) => ((long)TKernel.Rows * plan.Inputs) + Slack;

    private static void Block(
        Workers workers, WinogradPlan plan, long first, int count, float* source, float* weights,
        long weightStep, float* bias, float* target)
    {
        int columns = TKernel.Columns, panels = (count + columns - 1) / columns, room = panels * columns, parts = workers.Threads;
        long inputStep = ConvolutionScratch.OddLines((long)room * plan.Inputs),
            outputStep = ConvolutionScratch.OddLines((long)room * plan.Outputs);
        long planeFloats = ConvolutionScratch.OddLines((WinogradTiles.MostLines(plan, count) * WinogradTiles.Pitch(plan)) + Slack);
        float* inputs = (float*)ConvolutionScratch.ForThread(
            (((Numbers * (inputStep + outputStep)) + (parts * planeFloats)) * sizeof(float))
            + (parts * WinogradTiles.TableBytes(plan, room)));
        float* products = inputs + (Numbers * inputStep), planes = products + (Numbers * outputStep);
        byte* tables = (byte*)(planes + (parts * planeFloats));

        // Three passes, each over what its threads share out: source channels, then numbers and rows, then target channels.
        workers.Run(parts, 1, (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                WinogradTiles tiles = new(plan, first, count, room, tables + (part * WinogradTiles.TableBytes(plan, room)));
                Spread(
                    plan, tiles, (int)(part * plan.Inputs / parts), (int)((part + 1) * plan.Inputs / parts), source,
                    planes + (part * planeFloats), inputs, inputStep, panels);
            }
        });
        int quarters = parts == 1 ? 1 : 4;
        workers.Run(Numbers * quarters, 1, (start, end) =>
        {
            long rowPanels = RowPanels(plan);
            for (long item = start; item < end; item++)
            {
                (long number, long quarter) = Math.DivRem(item, quarters);
                Multiply(
                    plan, quarter * rowPanels / quarters, (quarter + 1) * rowPanels / quarters,
                    weights + (number * weightStep), inputs + (number * inputStep), products + (number * outputStep), panels);
            }
        });
        workers.Run(parts, 1, (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                WinogradTiles tiles = new(plan, first, count, room, tables + (part * WinogradTiles.TableBytes(plan, room)));
                Gather(
                    plan, tiles, (int)(part * plan.Outputs / parts), (int)((part + 1) * plan.Outputs / parts),
                    products, outputStep, room, bias, target);
            }
        });
    }

    /// <summary>Transforms the tiles of some source channels.</summary>
    private static void Spread(
        WinogradPlan plan, in WinogradTiles tiles, int begin, int end, float* source, float* plane, float* inputs, long step, int panels)
    {
        int columns = TKernel.Columns, phases = plan.Mirrored ? 1 : plan.Phases, pitch = WinogradTiles.Pitch(plan);
        long plain = (long)plan.SourceHeight * plan.SourceWidth, exampleStep = plan.Inputs / phases * plain;
        for (int input = begin; input < end; input++)
        {
            (int channel, int phase) = Math.DivRem(input, phases);
            (int down, int across) = Math.DivRem(phase, plan.Mirrored ? 1 : plan.PhasesAcross);
            tiles.Fill(source + (channel * plain), exampleStep, down, across, plane);
            for (int panel = 0; panel < panels; panel++)
            {
                float* target = inputs + ((((long)panel * plan.Inputs) + input) * columns);
                for (int lane = 0; lane < columns; lane += TLanes.Count)
                    WinogradTransform<TVector, TLanes>.Input(
                        plane, pitch, tiles.Places + ((long)panel * columns) + lane, target + lane, (nint)step);
            }
        }
    }

    /// <summary>products [panels, outputs, columns] = weights · inputs for one of the 36 numbers and some panels of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(
        WinogradPlan plan, long firstPanel, long lastPanel, float* weights, float* inputs, float* products, int panels)
    {
        int columns = TKernel.Columns, blocks = (plan.Inputs + Depth - 1) / Depth;
        long panelFloats = PanelFloats(plan);
        for (int block = 0; block < blocks; block++)
        {
            int from = (int)((long)block * plan.Inputs / blocks), depth = (int)((block + 1L) * plan.Inputs / blocks) - from;
            long together = Math.Max(1, WeightFloats / ((long)depth * TKernel.Rows));
            for (long begin = firstPanel; begin < lastPanel; begin += together)
            {
                long end = Math.Min(lastPanel, begin + together);
                for (int panel = 0; panel < panels; panel++)
                {
                    float* b = inputs + ((((long)panel * plan.Inputs) + from) * columns),
                        c = products + ((long)panel * plan.Outputs * columns);
                    for (long rowPanel = begin; rowPanel < end; rowPanel++)
                    {
                        int row = RowOf(plan, rowPanel), high = RowOf(plan, rowPanel + 1) - row;
                        TKernel.Run(
                            high, depth, weights + (rowPanel * panelFloats) + ((long)from * high), high, b, columns,
                            c + ((long)row * columns), columns, block > 0);
                    }
                }
            }
        }
    }

    /// <summary>Transforms the products of some target channels and stores them.</summary>
    [SkipLocalsInit]
    private static void Gather(
        WinogradPlan plan, in WinogradTiles tiles, int begin, int end, float* products, long step, int room, float* bias, float* target)
    {
        int columns = TKernel.Columns, phases = plan.Mirrored ? plan.Phases : 1;
        long plain = (long)plan.TargetHeight * plan.TargetWidth;
        float* outputs = stackalloc float[WinogradPlan.Tile * WinogradPlan.Tile * TLanes.Count];
        for (int output = begin; output < end; output++)
        {
            (int channel, int phase) = Math.DivRem(output, phases);
            (int down, int across) = Math.DivRem(phase, plan.Mirrored ? plan.PhasesAcross : 1);
            for (int tile = 0; tile < room; tile += TLanes.Count)
            {
                (int panel, int lane) = Math.DivRem(tile, columns);
                WinogradTransform<TVector, TLanes>.Output(
                    products + ((((long)panel * plan.Outputs) + output) * columns) + lane, (nint)step, outputs);
                tiles.Store(
                    tile, TLanes.Count, outputs, target + (channel * plain), down, across,
                    bias is null ? null : bias + channel, plan.Mirrored);
            }
        }
    }

    /// <summary>Transforms one panel of rows: depth, rows, in each of the 36 numbers' panels.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackWeights(WinogradPlan plan, long panel, float* weight, float* target, nint step)
    {
        const int Lanes = 4, Taps = 9;
        int first = RowOf(plan, panel),
            rows = RowOf(plan, panel + 1) - first,
            kernel = plan.KernelHeight * plan.KernelWidth,
            phases = plan.Phases;
        float* kernels = stackalloc float[Taps * Lanes];
        int* places = stackalloc int[Taps * phases];
        for (int i = 0; i < Taps * phases; i++) places[i] = TapOf(plan, i / Taps, i % Taps);
        for (int input = 0; input < plan.Inputs; input++, target += rows)
        {
            // Ascending, because a vector writes up to three lanes of what follows.
            for (int lane = 0; lane < rows; lane += Lanes)
            {
                for (int r = 0; r < Lanes; r++)
                {
                    int row = first + Math.Min(lane + r, rows - 1);
                    (int channel, int phase) = Math.DivRem(plan.Mirrored ? row : input, phases);
                    float* from = weight + ((((long)(plan.Mirrored ? input : row) * plan.Channels) + channel) * kernel);
                    int* taps = places + (phase * Taps);
                    for (int tap = 0; tap < Taps; tap++) kernels[(tap * Lanes) + r] = taps[tap] < 0 ? 0 : from[taps[tap]];
                }

                WinogradPoints.Weights(kernels, target + lane, step);
            }
        }
    }

    /// <summary>Where a tap of a phase's 3 × 3 kernel lies in the kernel; −1 beyond it.</summary>
    private static int TapOf(WinogradPlan plan, int phase, int tap)
    {
        (int down, int across) = Math.DivRem(phase, plan.PhasesAcross);
        (int i, int j) = Math.DivRem(tap, 3);
        if (plan.Mirrored) (i, j) = (2 - i, 2 - j);
        int y = (plan.PhasesDown * i) + down, x = (plan.PhasesAcross * j) + across;
        return y < plan.KernelHeight && x < plan.KernelWidth ? (y * plan.KernelWidth) + x : -1;
    }
}
