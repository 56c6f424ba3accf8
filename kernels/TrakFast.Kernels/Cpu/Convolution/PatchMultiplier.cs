using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>
/// Runs a <see cref="PatchProduct"/>: the weight is packed once a call; blocks of positions, of several examples where maps
/// are small, are laid out as padded lines and packed from there panel by panel as the product goes through its depth. An
/// output is one chain of multiply-adds for each depth block, and depth is cut by channels and taps alone: its bits depend
/// on neither batch nor threads nor the block it falls into.
/// </summary>
internal static unsafe class PatchMultiplier<TKernel>
    where TKernel : struct, IGemmKernel<float>
{
    /// <summary>Depth of a block, in whole channels: a panel of columns stays in the first-level cache beside one of weights.</summary>
    private const int Depth = 256;

    /// <summary>Floats of packed columns and of results that stay in the second-level cache.</summary>
    private const int BlockFloats = 1 << 15;

    /// <summary>Floats of the target that several products go over, for each thread.</summary>
    private const long TargetFloats = 1 << 16;

    private const int Slack = 64;
    private const int FewRows = 3;
    private const int FewestPanels = 4;
    private const int MostColumns = 512;

    /// <summary>Floats of weights that stay in the second-level cache while the columns of a block go by.</summary>
    private const int WeightFloats = 1 << 16;

    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Grain = 1 << 18;

    /// <summary>target = product + bias, or target += products.</summary>
    public static void Run(
        Workers workers, PatchProduct[] products, int batch, float* source, float* weight, float* bias, float* target, bool add)
    {
        if (products.Length == 0 || batch == 0) return;
        PatchProduct any = products[0];
        long packed = 0;
        foreach (PatchProduct product in products) packed += PackedFloats(product);
        float* weights = (float*)ConvolutionScratch.ForCall(packed * sizeof(float)), at = weights;
        foreach (PatchProduct product in products)
        {
            PackWeights(workers, product, weight, at);
            at += PackedFloats(product);
        }

        // Several products write the same target: some examples at a time, which stay in a cache.
        long sourceExample = (long)any.Groups * any.Inputs * any.SourceSize,
            targetExample = (long)any.Groups * any.Outputs * any.TargetSize;
        int together = products.Length == 1 ? batch : (int)Math.Clamp(workers.Threads * TargetFloats / targetExample, 1, batch);
        for (int example = 0; example < batch; example += together)
        {
            at = weights;
            foreach (PatchProduct product in products)
            {
                Run(
                    workers, product, Math.Min(together, batch - example), source + (example * sourceExample), at, bias,
                    target + (example * targetExample), add);
                at += PackedFloats(product);
            }
        }
    }

    /// <summary>One product.</summary>
    private static void Run(
        Workers workers, PatchProduct product, int batch, float* source, float* weights, float* bias, float* target, bool add)
    {
        long positions = (long)batch * product.Positions;
        if (positions == 0) return;
        long depth = (long)product.Inputs * product.Taps, packed = PackedFloats(product) / product.Groups;
        bool inPlace = product.InPlace && product.Positions % PatchLines.Vector == 0;
        double work = (double)positions * depth * product.Rows * product.Groups;
        long threads = (long)Math.Clamp(work / Grain, 1, workers.Threads);
        Cut cut = new(
            product, inPlace, batch, Math.Max(1, (threads + product.Groups - 1) / product.Groups),
            Math.Max(product.Rows, Math.Min(depth, Depth)));
        long items = product.Groups * cut.Blocks * cut.RowParts;
        workers.Run(items, threads == 1 ? items : (long)Math.Ceiling(items * Grain / work), (start, end) =>
        {
            for (long item = start; item < end; item++)
            {
                (long rest, long part) = Math.DivRem(item, cut.RowParts);
                (long group, long block) = Math.DivRem(rest, cut.Blocks);
                (long first, long last) = cut.Range(block);
                Block(
                    product, inPlace, first, last, part * cut.RowPanels / cut.RowParts, (part + 1) * cut.RowPanels / cut.RowParts,
                    source + (group * product.Inputs * product.SourceSize), weights + (group * packed),
                    bias is null ? null : bias + (group * product.Outputs), target + (group * product.Outputs * product.TargetSize), add);
            }
        });
    }

    /// <summary>
    /// Floats of all groups' packed weights. Packing a block writes up to a vector too much, hence the slack behind each.
    /// </summary>
    private static long PackedFloats(PatchProduct product) =>
        product.Groups * (((long)product.Rows * product.Inputs * product.Taps) + ((long)Blocks(product) * Slack));

    private static void PackWeights(Workers workers, PatchProduct product, float* weight, float* weights)
    {
        int blocks = Blocks(product);
        long packed = PackedFloats(product) / product.Groups;
        workers.Run((long)product.Groups * blocks, Math.Max(1, (1 << 16) / Math.Max(1, packed / blocks)), (start, end) =>
        {
            for (long item = start; item < end; item++)
                PackWeights(
                    product, (int)(item % blocks), blocks, weight + (item / blocks * product.GroupWeights),
                    weights + (item / blocks * packed));
        });
    }

    private static int Blocks(PatchProduct product)
    {
        int together = Math.Max(1, Depth / product.Taps);
        return (product.Inputs + together - 1) / together;
    }

    private static int RowPanels(PatchProduct product) => (product.Rows + TKernel.Rows - 1) / TKernel.Rows;

    private static int RowOf(PatchProduct product, long panel) => (int)(panel * product.Rows / RowPanels(product));

    private static void Block(
        PatchProduct product, bool inPlace, long first, long last, long firstPanel, long lastPanel, float* source, float* weights,
        float* bias, float* target, bool add)
    {
        int columns = TKernel.Columns, taps = product.Taps, blocks = Blocks(product),
            top = RowOf(product, firstPanel), bottom = RowOf(product, lastPanel);
        PatchBlock block = new(product, inPlace, columns, PatchLines.Vector);
        block.Measure(first, last);
        int deepest = (product.Inputs + blocks - 1) / blocks;
        long planeFloats = inPlace ? 0 : deepest * block.ChannelStep,
            panelFloats = (long)deepest * taps * columns,
            resultFloats = (long)(bottom - top) * columns;
        float* planes = (float*)ConvolutionScratch.ForThread(
            ((planeFloats + (block.Panels * (panelFloats + resultFloats)) + Slack) * sizeof(float))
            + block.TableBytes + ((long)deepest * taps * sizeof(nint)));
        float* panels = planes + planeFloats, results = panels + (block.Panels * panelFloats) + Slack;
        block.Build(
            first,
            last,
            (long)product.Groups * product.Inputs * product.SourceSize,
            (long)product.Groups * product.Outputs * product.TargetSize,
            results + (block.Panels * resultFloats));
        nint* shifts = (nint*)((byte*)(results + (block.Panels * resultFloats)) + block.TableBytes);
        for (int i = 0; i < deepest * taps; i++) shifts[i] = (nint)(i / taps * block.ChannelStep) + block.Shifts[i % taps];

        // Packing does not pay for few rows: they read columns that lie side by side where they are.
        bool few = bottom - top <= FewRows * TKernel.Rows;

        // The kernel writes panels that lie side by side in the target itself, where nothing else is added in between.
        bool direct = bias is null && product.TargetStep == 1 && product.Phases.Length == 1 && (!add || blocks == 1);
        for (int b = 0; b < blocks; b++)
        {
            int from = (int)((long)b * product.Inputs / blocks), channels = (int)((b + 1L) * product.Inputs / blocks) - from;
            float* plane = source + ((long)from * product.SourceSize);
            if (!inPlace)
            {
                PatchLines.Fill(product, block, plane, channels, planes);
                plane = planes;
            }

            for (int panel = 0; panel < block.Panels; panel++)
            {
                if (few && block.Contiguous(panel)) continue;
                PatchLines.Pack(
                    plane, block.ChannelStep, channels, block.Shifts, taps, block.Copies + ((long)panel * columns), block.CopyCounts[panel],
                    columns, panels + (panel * panelFloats));
            }

            Multiply(
                product, block, firstPanel, lastPanel, channels * taps, weights + ((long)from * taps * product.Rows) + (b * Slack), panels,
                panelFloats, plane, few ? shifts : null, results, resultFloats, b > 0, direct ? target : null, add);
        }

        Store(product, block, results, top, bottom, bias, target, add, direct);
    }

    /// <summary>
    /// results [panels, rows of the row panels, columns] = or += packed weights · panels; with a target, whole panels go there instead.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(
        PatchProduct product, in PatchBlock block, long firstPanel, long lastPanel, int depth, float* weights, float* panels,
        long panelStep, float* plane, nint* shifts, float* results, long resultStep, bool accumulate, float* target, bool add)
    {
        int columns = TKernel.Columns, top = RowOf(product, firstPanel);
        long together = Math.Max(1, WeightFloats / ((long)depth * TKernel.Rows));
        for (long begin = firstPanel; begin < lastPanel; begin += together)
        {
            long end = Math.Min(lastPanel, begin + together);
            for (int panel = 0; panel < block.Panels; panel++)
            {
                bool direct = target is not null && block.Whole(panel);
                float* to = direct
                    ? target + product.Phases[0].Target + block.Stores[(long)panel * columns].Place + ((long)top * product.TargetSize)
                    : results + (panel * resultStep);
                bool inPlane = shifts is not null && block.Contiguous(panel);
                nint step = direct ? product.TargetSize : columns;
                for (long rowPanel = begin; rowPanel < end; rowPanel++)
                {
                    int row = RowOf(product, rowPanel), high = RowOf(product, rowPanel + 1) - row;
                    float* a = weights + ((long)row * depth), c = to + ((row - top) * step);
                    bool sum = accumulate || (direct && add);
                    if (inPlane)
                        TKernel.RunAt(high, depth, a, high, plane + block.Copies[(long)panel * columns].Place, shifts, c, step, sum);
                    else TKernel.Run(high, depth, a, high, panels + (panel * panelStep), columns, c, step, sum);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Store(
        PatchProduct product, in PatchBlock block, float* results, int firstRow, int lastRow, float* bias,
        float* target, bool add, bool direct)
    {
        int columns = TKernel.Columns, step = product.TargetStep;
        for (int row = firstRow; row < lastRow; row++)
        {
            (int phase, int channel) = Math.DivRem(row, product.Outputs);
            float* to = target + ((long)channel * product.TargetSize) + product.Phases[phase].Target,
                from = results + ((long)(row - firstRow) * columns);
            float* shift = bias is null ? null : bias + channel;
            for (int panel = 0; panel < block.Panels; panel++, from += (long)(lastRow - firstRow) * columns)
            {
                if (!direct || !block.Whole(panel))
                    PatchLines.Store(from, block.Stores + ((long)panel * columns), block.StoreCounts[panel], step, shift, add, to);
            }
        }
    }

    /// <summary>One depth block of a group's weights, in the order <see cref="Multiply"/> reads: row panels, depth, rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackWeights(PatchProduct product, int block, int blocks, float* weight, float* target)
    {
        int rows = product.Rows, taps = product.Taps;
        long from = (long)block * product.Inputs / blocks, to = (block + 1L) * product.Inputs / blocks, depth = (to - from) * taps;
        long panels = RowPanels(product);
        target += (from * taps * rows) + (block * Slack);
        for (long panel = 0; panel < panels; panel++)
        {
            int begin = (int)(panel * rows / panels), count = (int)((panel + 1) * rows / panels) - begin;
            float* packed = target + (begin * depth);
            if (product.InputStep == taps)
            {
                // Forward: a row's weights are contiguous.
                Pack.Panel(true, weight + (begin * product.RowStep) + (from * taps), product.RowStep, count, count, (int)depth, packed);
                continue;
            }

            for (int i = 0; i < count; i++)
            {
                (int phase, int channel) = Math.DivRem(begin + i, product.Outputs);
                float* row = weight + (channel * product.RowStep) + (from * product.InputStep), at = packed + i;
                ReadOnlySpan<int> places = product.Phases[phase].Taps;
                for (long input = from; input < to; input++, row += product.InputStep)
                {
                    for (int tap = 0; tap < places.Length; tap++, at += count) *at = row[places[tap]];
                }
            }
        }
    }

    /// <summary>How positions are cut into blocks: parts of long lines, or runs across short ones.</summary>
    private readonly struct Cut
    {
        private readonly long _positions;
        private readonly long _width;
        private readonly long _parts;
        private readonly long _length;

        public Cut(PatchProduct product, bool inPlace, int batch, long threads, long rowFloats)
        {
            int columns = TKernel.Columns;
            _positions = (long)batch * product.Positions;
            _width = inPlace ? product.Positions : product.Width;
            long length = Math.Clamp(BlockFloats / rowFloats, FewestPanels * columns, MostColumns);
            length = Math.Max(1, Math.Min(length, (_positions + threads - 1) / threads));
            _length = (length + columns - 1) / columns * columns;
            _parts = _width >= _length ? (_width + _length - 1) / _length : 0;
            Blocks = _parts > 0 ? _positions / _width * _parts : (_positions + _length - 1) / _length;
            RowPanels = PatchMultiplier<TKernel>.RowPanels(product);
            RowParts = Math.Clamp(threads / Blocks, 1, Math.Max(1, RowPanels / 4));
        }

        /// <summary>Blocks of positions.</summary>
        public long Blocks { get; }

        /// <summary>Panels of rows.</summary>
        public long RowPanels { get; }

        /// <summary>Parts of the rows, where there are fewer blocks than threads.</summary>
        public long RowParts { get; }

        /// <summary>The positions of a block.</summary>
        public (long First, long Last) Range(long block)
        {
            if (_parts == 0) return (block * _length, Math.Min(_positions, (block + 1) * _length));
            (long line, long part) = Math.DivRem(block, _parts);
            long panels = (_width + TKernel.Columns - 1) / TKernel.Columns;
            long first = part * panels / _parts * TKernel.Columns, last = Math.Min(_width, (part + 1) * panels / _parts * TKernel.Columns);
            return ((line * _width) + first, (line * _width) + last);
        }
    }
}
