using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>
/// The blocked matrix product shared by <see cref="Sgemm"/> and <see cref="Dgemm"/>: columns, then depth, then packed B,
/// then packed A, then the micro-kernel (Goto and van de Geijn, «Anatomy of High-Performance Matrix Multiplication», 2008).
/// Depth is cut by K alone, so neither M, N nor the threads touch the order in which an element is summed.
/// </summary>
internal static unsafe class Gemm<T, TKernel>
    where T : unmanaged, INumber<T>
    where TKernel : struct, IGemmKernel<T>
{
    private const int Depth = 512;
    private const int ColumnPanels = 32;
    private const int RowPanels = 20;

    /// <summary>Bytes of B that stay in the first-level cache beside a panel of A.</summary>
    private const long SmallBytes = 24 << 10;

    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Grain = 1 << 20;

    public static void Multiply(
        Workers workers, bool transposeA, bool transposeB, long m, long n, long k,
        T* a, long lda, T* b, long ldb, T* c, long ldc, bool accumulate)
    {
        Debug.Assert(m >= 0 && n >= 0 && k >= 0 && ldc >= n);
        Debug.Assert(lda >= (transposeA ? m : k) && ldb >= (transposeB ? k : n));
        if (m == 0 || n == 0) return;

        int threads = (int)Math.Clamp((double)m * n * k / Grain, 1, workers.Threads);
        if (threads == 1)
        {
            Part(transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate);
            return;
        }

        Parallel(workers, threads, transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate);
    }

    /// <summary>Products of one shape whose factors and results lie a fixed number of elements apart; nothing is allocated for an item.</summary>
    public static void MultiplyBatch(
        Workers workers, bool transposeA, bool transposeB, long batch, long m, long n, long k,
        T* a, long lda, long strideA, T* b, long ldb, long strideB, T* c, long ldc, long strideC, bool accumulate)
    {
        Debug.Assert(batch >= 0 && m >= 0 && n >= 0 && k >= 0 && ldc >= n);
        Debug.Assert(lda >= (transposeA ? m : k) && ldb >= (transposeB ? k : n));
        if (batch == 0 || m == 0 || n == 0) return;

        double work = (double)m * n * k;
        int threads = (int)Math.Clamp(work * batch / Grain, 1, workers.Threads);
        if (threads == 1 || batch < threads)
        {
            for (long item = 0; item < batch; item++)
                Multiply(workers, transposeA, transposeB, m, n, k, a + (item * strideA), lda, b + (item * strideB), ldb, c + (item * strideC), ldc, accumulate);
            return;
        }

        BatchParallel(
            workers, (long)Math.Clamp(Grain / Math.Max(work, 1), 1, batch), transposeA, transposeB, batch, m, n, k,
            a, lda, strideA, b, ldb, strideB, c, ldc, strideC, accumulate);
    }

    /// <summary>Apart, because a method with a closure allocates it on entry.</summary>
    private static void BatchParallel(
        Workers workers, long grain, bool transposeA, bool transposeB, long batch, long m, long n, long k,
        T* a, long lda, long strideA, T* b, long ldb, long strideB, T* c, long ldc, long strideC, bool accumulate) =>
        workers.Run(batch, grain, (start, end) =>
        {
            for (long item = start; item < end; item++)
                Part(transposeA, transposeB, m, n, k, a + (item * strideA), lda, b + (item * strideB), ldb, c + (item * strideC), ldc, accumulate);
        });

    private static void Parallel(
        Workers workers, int threads, bool transposeA, bool transposeB, long m, long n, long k,
        T* a, long lda, T* b, long ldb, T* c, long ldc, bool accumulate)
    {
        (int rowParts, int columnParts) = Cut(threads, m, n);
        workers.Run((long)rowParts * columnParts, 1, (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                (long i0, long i1) = Range(part / columnParts, rowParts, m, TKernel.Rows);
                (long j0, long j1) = Range(part % columnParts, columnParts, n, TKernel.Columns);
                if (i0 == i1 || j0 == j1) continue;
                Part(
                    transposeA, transposeB, i1 - i0, j1 - j0, k,
                    a + (transposeA ? i0 : i0 * lda), lda, b + (transposeB ? j0 * ldb : j0), ldb,
                    c + (i0 * ldc) + j0, ldc, accumulate);
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

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Part(
        bool transposeA, bool transposeB, long m, long n, long k,
        T* a, long lda, T* b, long ldb, T* c, long ldc, bool accumulate)
    {
        if (k == 0)
        {
            for (long i = 0; i < m && !accumulate; i++) Unsafe.InitBlockUnaligned(c + (i * ldc), 0, checked((uint)(n * sizeof(T))));
            return;
        }

        int rows = TKernel.Rows, columns = TKernel.Columns;
        long depthBlocks = (k + Depth - 1) / Depth;
        long deepest = (k + depthBlocks - 1) / depthBlocks;
        long rowPanels = (m + rows - 1) / rows;

        // What is read once or twice, or fits the first-level cache, is not worth packing where it has the kernel's shape.
        bool packB = transposeB || (rowPanels > 1 && (rowPanels > 8 || k * ldb * sizeof(T) > SmallBytes));
        bool packA = !transposeA || n > 2 * columns;

        // Packed rows overlap the next by up to a vector, hence the slack behind A.
        long sizeA = (Math.Min(RowPanels, rowPanels) * rows * deepest) + 64;
        long widest = Math.Min((long)ColumnPanels * columns, (n + columns - 1) / columns * columns);
        T* tail = (T*)GemmScratch.Rent((nuint)((sizeA + (widest * deepest) + (rows * columns)) * sizeof(T)));
        T* packedB = tail + (rows * columns);
        T* packedA = packedB + (widest * deepest);

        for (long jc = 0; jc < n; jc += widest)
        {
            long nc = Math.Min(widest, n - jc);
            for (long block = 0; block < depthBlocks; block++)
            {
                long p = block * k / depthBlocks;
                int depth = (int)(((block + 1) * k / depthBlocks) - p);
                bool add = accumulate || block > 0;
                T* sourceB = b + (transposeB ? (jc * ldb) + p : (p * ldb) + jc);
                for (long jr = packB ? 0 : nc / columns * columns; jr < nc; jr += columns)
                    Pack.Panel(transposeB, sourceB + (transposeB ? jr * ldb : jr), ldb, (int)Math.Min(columns, nc - jr), columns, depth, packedB + (jr * depth));

                for (long first = 0; first < rowPanels; first += RowPanels)
                {
                    long last = Math.Min(rowPanels, first + RowPanels);
                    for (long panel = first; panel < last && packA; panel++)
                    {
                        long i0 = panel * m / rowPanels;
                        int height = (int)(((panel + 1) * m / rowPanels) - i0);
                        Pack.Panel(!transposeA, a + (transposeA ? (p * lda) + i0 : (i0 * lda) + p), lda, height, height, depth, packedA + ((panel - first) * rows * depth));
                    }

                    for (long jr = 0; jr < nc; jr += columns)
                    {
                        int width = (int)Math.Min(columns, nc - jr);
                        bool inPlaceB = !packB && width == columns;
                        T* panelB = inPlaceB ? sourceB + jr : packedB + (jr * depth);
                        nint stepB = inPlaceB ? (nint)ldb : columns;
                        for (long panel = first; panel < last; panel++)
                        {
                            long i0 = panel * m / rowPanels;
                            int height = (int)(((panel + 1) * m / rowPanels) - i0);
                            T* panelA = packA ? packedA + ((panel - first) * rows * depth) : a + (p * lda) + i0;
                            nint stepA = packA ? height : (nint)lda;
                            T* target = c + (i0 * ldc) + jc + jr;
                            if (width == columns)
                            {
                                TKernel.Run(height, depth, panelA, stepA, panelB, stepB, target, (nint)ldc, add);
                                continue;
                            }

                            TKernel.Run(height, depth, panelA, stepA, panelB, stepB, tail, columns, false);
                            CopyTail(tail, columns, target, ldc, height, width, add);
                        }
                    }
                }
            }
        }
    }

    /// <summary>Moves the part of a tile that lies inside C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyTail(T* tile, int columns, T* target, long ldc, int height, int width, bool add)
    {
        for (int i = 0; i < height; i++, tile += columns, target += ldc)
        {
            if (add)
            {
                for (int j = 0; j < width; j++) target[j] += tile[j];
            }
            else
            {
                for (int j = 0; j < width; j++) target[j] = tile[j];
            }
        }
    }
}
