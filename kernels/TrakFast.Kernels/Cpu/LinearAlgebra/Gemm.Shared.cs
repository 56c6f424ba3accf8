namespace TrakFast.Kernels;

/// <content>A large product on several threads, which share the packed pieces of B.</content>
internal static unsafe partial class Gemm<T, TKernel>
{
    /// <summary>Tasks for each thread and piece of B: enough that a thread that is held up does not hold up the others.</summary>
    private const int TasksPerThread = 4;

    /// <summary>Columns of a task at least: it packs its own rows of A, which takes as long as some 8 columns of product.</summary>
    private const int TaskColumns = 256;

    /// <summary>
    /// The product in stages: one piece of B is packed by all threads, and blocks of rows are multiplied by groups of its columns.
    /// </summary>
    private static void Shared(Workers workers, MatrixProduct<T> product)
    {
        SharedProduct work = new(product, workers.Threads);
        long counters = StagedTasks.CounterBytes(work.Parts);
        byte* memory = (byte*)GemmScratch.Rent((nuint)(counters + work.Bytes), GemmScratch.Shared);
        work.Buffers = (T*)(memory + counters);
        StagedTasks.Run(workers, work.Stages, work.Preparations, work.Parts, memory, work);
    }

    private struct SharedProduct : IStagedWork
    {
        private readonly MatrixProduct<T> _product;
        private readonly long _pieces, _depthBlocks, _rowPanels, _rowBlocks, _columnGroups, _bufferLength;
        private readonly bool _inPlaceA;

        public SharedProduct(in MatrixProduct<T> product, int threads)
        {
            _product = product;
            _pieces = (product.N + WidestPiece - 1) / WidestPiece;
            _depthBlocks = DepthBlocks(product.K);
            _rowPanels = RowPanelsOf(product.M);
            _rowBlocks = (_rowPanels + TKernel.RowPanels - 1) / TKernel.RowPanels;
            _inPlaceA = AInPlace(product);
            long widest = ((product.N + _pieces - 1) / _pieces) + TKernel.Columns, wanted = TasksPerThread * threads;
            _columnGroups = Math.Clamp((wanted + _rowBlocks - 1) / _rowBlocks, 1, Math.Max(1, widest / TaskColumns));
            Preparations = Math.Clamp(widest / (FlatPanels * TKernel.Columns), 1, wanted);
            _bufferLength = (widest + TKernel.Columns) * Deepest(product.K);
        }

        /// <summary>Room for two packed pieces of B.</summary>
        public T* Buffers { get; set; }

        public long Preparations { get; }

        public readonly long Stages => _pieces * _depthBlocks;

        public readonly long Parts => _rowBlocks * _columnGroups;

        public readonly long Bytes => 2 * _bufferLength * sizeof(T);

        public readonly void Begin() => OwnScratch();

        public readonly void Prepare(long stage, long task)
        {
            (long j, long width, long from, int depth) = Piece(stage);
            (long first, long end) = Range(task, Preparations, width, TKernel.Columns);
            if (first < end) PackB(_product, false, j + first, end - first, from, depth, BufferOf(stage) + (first * depth));
        }

        public readonly void Use(long stage, long part)
        {
            (long j, long width, long from, int depth) = Piece(stage);
            (long left, long right) = Range(part % _columnGroups, _columnGroups, width, TKernel.Columns);
            if (left == right) return;
            long rows = part / _columnGroups, first = rows * _rowPanels / _rowBlocks, last = (rows + 1) * _rowPanels / _rowBlocks;
            T* tail = OwnScratch(), packedA = tail + TailLength;
            if (!_inPlaceA) PackA(_product, first, last, _rowPanels, from, depth, packedA);
            Inner(
                _product, _inPlaceA, false, first, last, _rowPanels, j + left, right - left, from, depth,
                packedA, BufferOf(stage) + (left * depth), tail, _product.Accumulate || from > 0);
        }

        private readonly T* OwnScratch() =>
            (T*)GemmScratch.Rent((nuint)((TailLength + PackedRows(TKernel.RowPanels, Deepest(_product.K))) * sizeof(T)));

        private readonly T* BufferOf(long stage) => Buffers + ((stage & 1) * _bufferLength);

        /// <summary>Columns j to j + width of B over one stretch of depth; all pieces have nearly the same width.</summary>
        private readonly (long First, long Width, long From, int Depth) Piece(long stage)
        {
            (long first, long end) = Range(stage / _depthBlocks, _pieces, _product.N, TKernel.Columns);
            (long from, int depth) = DepthOf(stage % _depthBlocks, _depthBlocks, _product.K);
            return (first, end - first, from, depth);
        }
    }
}
