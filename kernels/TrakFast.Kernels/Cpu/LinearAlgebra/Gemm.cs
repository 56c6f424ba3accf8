using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>
/// The blocked matrix product shared by <see cref="Sgemm"/> and <see cref="Dgemm"/>: columns, then depth, then packed B,
/// then packed A, then the micro-kernel (Goto and van de Geijn, «Anatomy of High-Performance Matrix Multiplication», 2008).
/// Depth is cut by K alone, so neither M, N nor the threads touch the order in which an element is summed.
/// </summary>
internal static unsafe partial class Gemm<T, TKernel>
    where T : unmanaged, INumber<T>
    where TKernel : struct, IGemmKernel<T>
{
    /// <summary>
    /// Panels of B that are packed at a time where rows fit one block: few enough to stay in the second-level cache,
    /// and wide enough that rows of B are read by several cache lines.
    /// </summary>
    private const int FlatPanels = 8;

    /// <summary>Bytes of B that stay in the first-level cache beside a panel of A.</summary>
    private const long SmallBytes = 24 << 10;

    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Grain = 1 << 20;

    /// <summary>Columns up to which rows of A are read where they lie: packing them would cost as much as it saves.</summary>
    private static int TallColumns => 512 / sizeof(T);

    public static void Multiply(Workers workers, in MatrixProduct<T> product)
    {
        Debug.Assert(product.M >= 0 && product.N >= 0 && product.K >= 0 && product.LdC >= product.N);
        Debug.Assert(
            product.LdA >= (product.TransposeA ? product.M : product.K) && product.LdB >= (product.TransposeB ? product.K : product.N));
        if (product.M == 0 || product.N == 0) return;

        // A product of no depth has no work, hence one thread.
        int threads = (int)Math.Clamp((double)product.M * product.N * product.K / Grain, 1, workers.Threads);
        if (threads == 1) Single(product);
        else if (IsTall(product) || RowPanelsOf(product.M) <= TKernel.RowPanels) Parts(workers, threads, product);
        else Shared(workers, product);
    }

    /// <summary>
    /// Products of one shape whose factors and results lie a fixed number of elements apart; nothing is allocated for an item.
    /// </summary>
    public static void MultiplyBatch(Workers workers, long batch, in MatrixProduct<T> first, long strideA, long strideB, long strideC)
    {
        if (batch <= 0 || first.M == 0 || first.N == 0) return;
        double work = (double)first.M * first.N * first.K;
        int threads = (int)Math.Clamp(work * batch / Grain, 1, workers.Threads);
        if (threads > 1 && batch >= threads)
        {
            BatchParallel(workers, (long)Math.Clamp(Grain / Math.Max(work, 1), 1, batch), batch, first, strideA, strideB, strideC);
            return;
        }

        MatrixProduct<T> item = first;
        for (long i = 0; i < batch; i++, item.A += strideA, item.B += strideB, item.C += strideC) Multiply(workers, item);
    }

    /// <summary>Apart, because a method with a closure allocates it on entry.</summary>
    private static void BatchParallel(
        Workers workers, long grain, long batch, MatrixProduct<T> first, long strideA, long strideB, long strideC) =>
        workers.Run(batch, grain, (start, end) =>
        {
            MatrixProduct<T> item = first;
            item.A += start * strideA;
            item.B += start * strideB;
            item.C += start * strideC;
            for (long i = start; i < end; i++, item.A += strideA, item.B += strideB, item.C += strideC) Single(item);
        });

    /// <summary>A product with few rows or columns, cut into one for each thread.</summary>
    private static void Parts(Workers workers, int threads, MatrixProduct<T> product)
    {
        (int rowParts, int columnParts) = Cut(threads, product.M, product.N);
        workers.Run((long)rowParts * columnParts, 1, (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                (long i0, long i1) = Range(part / columnParts, rowParts, product.M, TKernel.Rows);
                (long j0, long j1) = Range(part % columnParts, columnParts, product.N, TKernel.Columns);
                if (i0 < i1 && j0 < j1) Single(product.Part(i0, i1, j0, j1));
            }
        });
    }

    /// <summary>The grid of parts that packs least: every part packs its own rows of A and columns of B.</summary>
    private static (int Rows, int Columns) Cut(int threads, long m, long n)
    {
        (int, int) best = (1, threads);
        double least = double.MaxValue;
        for (int rows = 1; rows <= threads; rows++)
        {
            if (threads % rows != 0) continue;
            int columns = threads / rows;
            double packed = Math.Max((double)m / rows, TKernel.Rows) + Math.Max((double)n / columns, TKernel.Columns);
            if (packed >= least) continue;
            least = packed;
            best = (rows, columns);
        }

        return best;
    }

    private static (long Start, long End) Range(long part, long parts, long count, int panel)
    {
        long panels = (count + panel - 1) / panel;
        return (Math.Min(count, part * panels / parts * panel), Math.Min(count, (part + 1) * panels / parts * panel));
    }

    /// <summary>A product on this thread.</summary>
    private static void Single(in MatrixProduct<T> p)
    {
        if (p.K == 0)
        {
            for (long i = 0; i < p.M && !p.Accumulate; i++)
                Unsafe.InitBlockUnaligned(p.C + (i * p.LdC), 0, checked((uint)(p.N * sizeof(T))));
            return;
        }

        long rowPanels = RowPanelsOf(p.M);
        if (IsTall(p)) Tall(p, rowPanels);
        else if (rowPanels <= TKernel.RowPanels) Flat(p, rowPanels);
        else Blocked(p, rowPanels);
    }

    private static bool IsTall(in MatrixProduct<T> p) => !p.TransposeA && p.N <= TallColumns;

    /// <summary>Few columns: B is packed whole, and rows of A are read in place, each once for all columns.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tall(in MatrixProduct<T> p, long rowPanels)
    {
        int columns = TKernel.Columns;
        long blocks = DepthBlocks(p.K), padded = (p.N + columns - 1) / columns * columns;
        bool inPlace = BInPlace(p, rowPanels);
        T* tail = (T*)GemmScratch.Rent((nuint)(((padded * Deepest(p.K)) + TailLength) * sizeof(T))), packed = tail + TailLength;
        for (long block = 0; block < blocks; block++)
        {
            (long from, int depth) = DepthOf(block, blocks, p.K);
            bool add = p.Accumulate || block > 0;
            PackB(p, inPlace, 0, p.N, from, depth, packed);
            for (long panel = 0; panel < rowPanels; panel++)
            {
                (long i0, int height) = RowsOf(panel, rowPanels, p.M);
                T* a = p.AtA(i0, from), c = p.C + (i0 * p.LdC);
                for (long j = 0; j < p.N; j += columns)
                {
                    int width = (int)Math.Min(columns, p.N - j);
                    bool here = inPlace && width == columns;
                    T* b = here ? p.AtB(from, j) : packed + (j * depth);
                    nint stepB = here ? (nint)p.LdB : columns;
                    if (width == columns)
                    {
                        TKernel.RunRows(height, depth, a, (nint)p.LdA, b, stepB, c + j, (nint)p.LdC, add);
                        continue;
                    }

                    TKernel.RunRows(height, depth, a, (nint)p.LdA, b, stepB, tail, columns, false);
                    CopyTail(tail, columns, c + j, p.LdC, height, width, add);
                }
            }
        }
    }

    /// <summary>One block of rows: A is packed once for each depth, and a few panels of B at a time are packed and used up.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Flat(in MatrixProduct<T> p, long rowPanels)
    {
        int columns = TKernel.Columns;
        long blocks = DepthBlocks(p.K), group = FlatPanels * columns, deepest = Deepest(p.K);
        bool inPlaceB = BInPlace(p, rowPanels), inPlaceA = AInPlace(p);
        long sizeB = Math.Min(group, (p.N + columns - 1) / columns * columns) * deepest;
        T* tail = (T*)GemmScratch.Rent((nuint)((TailLength + sizeB + PackedRows(rowPanels, deepest)) * sizeof(T)));
        T* packedB = tail + TailLength, packedA = packedB + sizeB;
        for (long block = 0; block < blocks; block++)
        {
            (long from, int depth) = DepthOf(block, blocks, p.K);
            if (!inPlaceA) PackA(p, 0, rowPanels, rowPanels, from, depth, packedA);
            for (long j = 0; j < p.N; j += group)
            {
                long width = Math.Min(group, p.N - j);
                PackB(p, inPlaceB, j, width, from, depth, packedB);
                Inner(
                    p, inPlaceA, inPlaceB, 0, rowPanels, rowPanels, j, width, from, depth, packedA,
                    packedB, tail, p.Accumulate || block > 0);
            }
        }
    }

    /// <summary>Many rows and columns: wide pieces of B are packed once for all blocks of rows.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocked(in MatrixProduct<T> p, long rowPanels)
    {
        int columns = TKernel.Columns;
        long blocks = DepthBlocks(p.K), deepest = Deepest(p.K), widest = Math.Min(WidestPiece, (p.N + columns - 1) / columns * columns);
        bool inPlaceA = AInPlace(p);
        T* tail = (T*)GemmScratch.Rent((nuint)((TailLength + (widest * deepest) + PackedRows(TKernel.RowPanels, deepest)) * sizeof(T)));
        T* packedB = tail + TailLength, packedA = packedB + (widest * deepest);
        for (long j = 0; j < p.N; j += widest)
        {
            long width = Math.Min(widest, p.N - j);
            for (long block = 0; block < blocks; block++)
            {
                (long from, int depth) = DepthOf(block, blocks, p.K);
                PackB(p, false, j, width, from, depth, packedB);
                for (long first = 0; first < rowPanels; first += TKernel.RowPanels)
                {
                    long last = Math.Min(rowPanels, first + TKernel.RowPanels);
                    if (!inPlaceA) PackA(p, first, last, rowPanels, from, depth, packedA);
                    Inner(
                        p, inPlaceA, false, first, last, rowPanels, j, width, from, depth, packedA,
                        packedB, tail, p.Accumulate || block > 0);
                }
            }
        }
    }

    /// <summary>
    /// Panels first to last of rows by columns j to j + width: a panel of B stays in the first-level cache while the panels of A go by.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Inner(
        in MatrixProduct<T> p, bool inPlaceA, bool inPlaceB, long first, long last, long rowPanels, long j, long width, long from,
        int depth, T* packedA, T* packedB, T* tail, bool add)
    {
        int columns = TKernel.Columns;
        nint ldc = (nint)p.LdC;
        for (long jr = 0; jr < width; jr += columns)
        {
            int wide = (int)Math.Min(columns, width - jr);
            bool here = inPlaceB && wide == columns;
            T* b = here ? p.AtB(from, j + jr) : packedB + (jr * depth);
            nint stepB = here ? (nint)p.LdB : columns;
            for (long panel = first; panel < last; panel++)
            {
                (long i0, int height) = RowsOf(panel, rowPanels, p.M);
                T* a = inPlaceA ? p.AtA(i0, from) : packedA + ((panel - first) * TKernel.Rows * depth);
                nint stepA = inPlaceA ? (nint)p.LdA : height;
                T* c = p.C + (i0 * ldc) + j + jr;
                if (wide == columns)
                {
                    TKernel.Run(height, depth, a, stepA, b, stepB, c, ldc, add);
                    continue;
                }

                TKernel.Run(height, depth, a, stepA, b, stepB, tail, columns, false);
                CopyTail(tail, columns, c, ldc, height, wide, add);
            }
        }
    }
}
