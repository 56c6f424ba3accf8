using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// S += XᵀX for X [n, k] in float32 and the upper triangle of S [k, k] in float64. Chunks of rows are packed once for all of
/// S, as the kernel reads columns; its rows are even parts of such a panel, read where they lie. A tile's sums over a chunk go straight
/// on into S.
/// </summary>
internal static unsafe class SymmetricProduct<TKernel>
    where TKernel : struct, IGemmKernel<float>
{
    /// <summary>Rows summed in float32 before they are carried.</summary>
    private const int ChunkRows = 512;

    /// <summary>Columns of a part of S: a small one, so that threads share the triangle evenly.</summary>
    private const int PartColumns = 128;

    /// <summary>Parts of S for each thread at least, where S is large enough.</summary>
    private const int PartsPerThread = 2;

    /// <summary>Panels of columns that are packed at a time.</summary>
    private const int PackedTogether = 8;

    /// <summary>Adds the product.</summary>
    /// <param name="workers">Threads to use; they do not change the bits.</param>
    /// <param name="pool">Lends room for packed chunks.</param>
    /// <param name="x">X [n, k].</param>
    /// <param name="rows">Rows n.</param>
    /// <param name="k">Columns k.</param>
    /// <param name="scale">Factors of X's rows [n], or null.</param>
    /// <param name="sum">S; a few elements below the diagonal are written too.</param>
    public static void Add(Workers workers, ScratchPool pool, float* x, long rows, int k, float* scale, double* sum)
    {
        Chunks work = new(x, rows, k, scale, sum, workers.Threads);
        long counters = StagedTasks.CounterBytes(work.Parts) / sizeof(float);
        using ScratchPool.Lease lease = pool.Rent(counters + work.Length);
        work.Buffers = lease.Pointer + counters;
        StagedTasks.Run(workers, work.Stages, work.Preparations, work.Parts, lease.Pointer, work);
    }

    private struct Chunks : IStagedWork
    {
        private readonly float* _x;
        private readonly float* _scale;
        private readonly double* _sum;
        private readonly long _rows, _k, _columnPanels, _rowBlocks, _columnGroups, _panelsInRowBlock;

        public Chunks(float* x, long rows, int k, float* scale, double* sum, int threads)
        {
            (_rows, _k) = (rows, k);
            _x = x;
            _scale = scale;
            _sum = sum;
            _columnPanels = (k + TKernel.Columns - 1) / TKernel.Columns;
            _columnGroups = (k + PartColumns - 1) / PartColumns;
            _panelsInRowBlock = Math.Clamp(
                _columnPanels * _columnGroups / (2 * PartsPerThread * threads), 1,
                Math.Max(1, TKernel.RowPanels * TKernel.Rows / TKernel.Columns));
            _rowBlocks = (_columnPanels + _panelsInRowBlock - 1) / _panelsInRowBlock;
            Preparations = Math.Clamp(_columnPanels / 4, 1, 2L * threads);
        }

        /// <summary>Room for two packed chunks.</summary>
        public float* Buffers { get; set; }

        public long Preparations { get; }

        public readonly long Stages => (_rows + ChunkRows - 1) / ChunkRows;

        /// <summary>Parts of the whole square; those below the diagonal are empty.</summary>
        public readonly long Parts => _rowBlocks * _columnGroups;

        /// <summary>Floats that two chunks take.</summary>
        public readonly long Length => 2 * BufferLength;

        private readonly long BufferLength => _columnPanels * TKernel.Columns * ChunkRows;

        public readonly void Begin()
        {
            // All memory is the caller's.
        }

        public readonly void Prepare(long stage, long task)
        {
            long first = stage * ChunkRows;
            int depth = (int)Math.Min(ChunkRows, _rows - first);
            float* chunk = _x + (first * _k), packedColumns = Buffers + ((stage & 1) * BufferLength);
            long firstPanel = task * _columnPanels / Preparations,
                lastPanel = (task + 1) * _columnPanels / Preparations,
                whole = _k / TKernel.Columns;
            for (long panel = firstPanel; panel < lastPanel;)
            {
                long j = panel * TKernel.Columns;
                int together = (int)Math.Min(PackedTogether, Math.Min(lastPanel, whole) - panel);
                float* target = packedColumns + (j * depth);
                if (together > 0) Pack.Panels(chunk + j, _k, together, TKernel.Columns, depth, target);
                else Pack.Panel(false, chunk + j, _k, (int)(_k - j), TKernel.Columns, depth, target);
                together = Math.Max(1, together);
                for (int i = 0; i < together; i++) Scale(first, depth, TKernel.Columns, target + ((long)i * TKernel.Columns * depth));
                panel += together;
            }
        }

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Use(long stage, long part)
        {
            // Row blocks near the top have the most to do, so they come first.
            long block = part / _columnGroups,
                firstPanel = block * _panelsInRowBlock,
                lastPanel = Math.Min(_columnPanels, firstPanel + _panelsInRowBlock);
            long left = part % _columnGroups * PartColumns, right = Math.Min(_k, left + PartColumns);
            int depth = (int)Math.Min(ChunkRows, _rows - (stage * ChunkRows));
            float* packed = Buffers + ((stage & 1) * BufferLength);
            float* tile = stackalloc float[TKernel.Rows * TKernel.Columns];
            for (long j = left; j < right; j += TKernel.Columns)
            {
                int width = (int)Math.Min(TKernel.Columns, right - j);
                for (long panel = firstPanel; panel < lastPanel; panel++)
                {
                    int panelRows = (int)Math.Min(TKernel.Columns, _k - (panel * TKernel.Columns)),
                        pieces = (panelRows + TKernel.Rows - 1) / TKernel.Rows;
                    for (int piece = 0; piece < pieces; piece++)
                    {
                        int from = panelRows * piece / pieces, height = (panelRows * (piece + 1) / pieces) - from;
                        long i = (panel * TKernel.Columns) + from;
                        if (i >= j + width) break;
                        double* target = _sum + (i * _k) + j;
                        Prefetch(target, height, width);
                        TKernel.Run(
                            height, depth, packed + (panel * TKernel.Columns * depth) + from, TKernel.Columns, packed + (j * depth),
                            TKernel.Columns, tile, TKernel.Columns, false);
                        Carry(tile, height, width, target);
                    }
                }
            }
        }

        private readonly void Scale(long firstRow, int depth, int stride, float* panel)
        {
            if (_scale is null) return;
            for (int d = 0; d < depth; d++, panel += stride) VectorAdd.Scale(_scale[firstRow + d], panel, panel, stride);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Prefetch(double* target, int height, int width)
        {
            if (!Sse.IsSupported) return;
            for (int r = 0; r < height; r++, target += _k)
            {
                for (int c = 0; c < width; c += 8) Sse.Prefetch0(target + c);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Carry(float* tile, int height, int width, double* target)
        {
            for (int r = 0; r < height; r++, tile += TKernel.Columns, target += _k)
            {
                int c = 0;
                for (; TKernel.Columns == 2 * Vector512<float>.Count && c <= width - 16; c += 16)
                {
                    Vector512<float> values = Vector512.Load(tile + c);
                    (Vector512.Load(target + c) + Vector512.WidenLower(values)).Store(target + c);
                    (Vector512.Load(target + c + 8) + Vector512.WidenUpper(values)).Store(target + c + 8);
                }

                for (; Simd.Vectors && c <= width - 8; c += 8)
                {
                    Vector256<float> values = Vector256.Load(tile + c);
                    (Vector256.Load(target + c) + Vector256.WidenLower(values)).Store(target + c);
                    (Vector256.Load(target + c + 4) + Vector256.WidenUpper(values)).Store(target + c + 4);
                }

                for (; c < width; c++) target[c] += tile[c];
            }
        }
    }
}
