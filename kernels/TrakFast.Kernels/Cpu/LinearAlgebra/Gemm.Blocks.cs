using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <content>How a product is cut, and how its pieces are packed.</content>
internal static unsafe partial class Gemm<T, TKernel>
{
    /// <summary>Columns of B packed at a time where there are many rows: A is packed again for every such piece.</summary>
    private static long WidestPiece => 2048 / TKernel.Columns * TKernel.Columns;

    /// <summary>Elements of a tile that does not fit into C.</summary>
    private static int TailLength => TKernel.Rows * TKernel.Columns;

    private static long RowPanelsOf(long m) => (m + TKernel.Rows - 1) / TKernel.Rows;

    private static long DepthBlocks(long k) => (k + TKernel.Depth - 1) / TKernel.Depth;

    private static long Deepest(long k)
    {
        long blocks = DepthBlocks(k);
        return (k + blocks - 1) / blocks;
    }

    private static (long From, int Depth) DepthOf(long block, long blocks, long k)
    {
        long from = block * k / blocks;
        return (from, (int)(((block + 1) * k / blocks) - from));
    }

    /// <summary>Rows of a panel: all panels have nearly as many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (long First, int Height) RowsOf(long panel, long rowPanels, long m)
    {
        long first = (long)((ulong)(panel * m) / (ulong)rowPanels);
        return (first, (int)((long)((ulong)((panel + 1) * m) / (ulong)rowPanels) - first));
    }

    /// <summary>Elements that packed rows take; each depth of them is written by whole vectors, hence the slack.</summary>
    private static long PackedRows(long rowPanels, long depth) => (rowPanels * TKernel.Rows * depth) + 64;

    /// <summary>What is read once, or fits the first-level cache, is not worth packing where it has the kernel's shape.</summary>
    private static bool BInPlace(in MatrixProduct<T> p, long rowPanels) =>
        !p.TransposeB && !p.Negate && (rowPanels == 1 || p.K * p.LdB * sizeof(T) <= SmallBytes);

    /// <summary>The same for A, whose depths lie as the kernel reads them when it is stored transposed.</summary>
    private static bool AInPlace(in MatrixProduct<T> p) => p.TransposeA && p.N <= 2 * TKernel.Columns;

    /// <summary>Packs panels of rows, each Rows · depth elements behind the one before.</summary>
    private static void PackA(in MatrixProduct<T> p, long first, long last, long rowPanels, long from, int depth, T* packed)
    {
        // Where depths are apart, a few of them at a time for all panels, so that a cache line is used up while it is at hand.
        int step = p.TransposeA ? 8 : depth;
        for (int d = 0; d < depth; d += step)
        {
            int deep = Math.Min(step, depth - d);
            for (long panel = first; panel < last; panel++)
            {
                (long i0, int height) = RowsOf(panel, rowPanels, p.M);
                Pack.Panel(
                    !p.TransposeA, p.AtA(i0, from + d), p.LdA, height, height, deep,
                    packed + ((panel - first) * TKernel.Rows * depth) + ((long)d * height));
            }
        }
    }

    /// <summary>Packs panels of columns; where B is read in place, the last one alone if it is narrow.</summary>
    private static void PackB(in MatrixProduct<T> p, bool inPlace, long j, long width, long from, int depth, T* packed)
    {
        int columns = TKernel.Columns;
        long whole = width / columns * columns;
        if (!inPlace && p.TransposeB)
        {
            for (long jr = 0; jr < whole; jr += columns)
                Pack.Panel(true, p.AtB(from, j + jr), p.LdB, columns, columns, depth, packed + (jr * depth));
        }
        else if (!inPlace)
        {
            for (long jr = 0; jr < whole; jr += FlatPanels * columns)
                Pack.Panels(
                    p.AtB(from, j + jr), p.LdB, (int)Math.Min(FlatPanels, (whole - jr) / columns), columns, depth, packed + (jr * depth));
        }

        if (whole < width)
            Pack.Panel(p.TransposeB, p.AtB(from, j + whole), p.LdB, (int)(width - whole), columns, depth, packed + (whole * depth));

        // The sign goes into B, which every product packs at most once for all rows.
        if (p.Negate) NegateAll(packed, (width + columns - 1) / columns * columns * depth);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NegateAll(T* values, long count)
    {
        long i = 0;
        for (; Simd.Vectors && i <= count - Vector256<T>.Count; i += Vector256<T>.Count) (-Vector256.Load(values + i)).Store(values + i);
        for (; i < count; i++) values[i] = -values[i];
    }

    /// <summary>Moves the part of a tile that lies inside C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyTail(T* tile, int columns, T* target, long ldc, int height, int width, bool add)
    {
        for (int i = 0; i < height; i++, tile += columns, target += ldc)
        {
            int j = 0;
            for (; Simd.Vectors && j <= width - Vector128<T>.Count; j += Vector128<T>.Count)
            {
                Vector128<T> values = Vector128.Load(tile + j);
                (add ? Vector128.Load(target + j) + values : values).Store(target + j);
            }

            for (; j < width; j++) target[j] = add ? target[j] + tile[j] : tile[j];
        }
    }
}
