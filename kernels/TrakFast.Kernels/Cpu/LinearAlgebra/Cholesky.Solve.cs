namespace TrakFast.Kernels;

/// <content>Solving against a factor. A right-hand side is a row, so that threads take rows of their own and never wait.</content>
public static unsafe partial class Cholesky
{
    /// <summary>
    /// Right-hand sides that are solved together: enough for products at full speed, few enough that they stay in the cache.
    /// </summary>
    private const int SolvedTogether = 256;

    /// <summary>
    /// Rows of an inverse that are made together; whole diagonal blocks, and fewer,
    /// because a stripe reads the triangle from its first row on.
    /// </summary>
    private const int InvertedTogether = 2 * Block;

    /// <summary>Solves A·x = b for every row b.</summary>
    /// <param name="workers">Threads to use; they do not change the bits.</param>
    /// <param name="factor">What <see cref="TryFactor"/> left.</param>
    /// <param name="rows">Right-hand sides [m, k], row-major; become the solutions.</param>
    /// <param name="count">Number of right-hand sides m.</param>
    /// <param name="cancellationToken">Stops within a fraction of a second; what the rows hold then is of no use.</param>
    public static void SolveRows(
        Workers workers, SymmetricMatrix factor, double* rows, long count, CancellationToken cancellationToken = default)
    {
        int n = factor.Order;
        using NativeBuffer<double> inverses = Inverses(workers, factor);
        double* corners = inverses.Pointer, l = factor.Pointer;

        // As many stripes for every thread, so that none waits for another's last one.
        long rounds = (count + ((long)SolvedTogether * workers.Threads) - 1) / ((long)SolvedTogether * workers.Threads);
        long stripes = Math.Min(count, rounds * workers.Threads);
        TaskList.Run(workers, stripes, stripe =>
        {
            long first = stripe * count / stripes, height = ((stripe + 1) * count / stripes) - first;
            using NativeBuffer<double> scratch = new(height * Block);
            double* b = rows + (first * n);
            Forward(Workers.Single, l, n, 0, n, corners, b, n, height, scratch.Pointer, cancellationToken);
            Backward(l, n, 0, n, corners, b, n, height, scratch.Pointer, cancellationToken);
        });
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>A⁻¹, both triangles filled.</summary>
    /// <param name="workers">Threads to use; they do not change the bits.</param>
    /// <param name="factor">What <see cref="TryFactor"/> left.</param>
    /// <param name="cancellationToken">Stops within a fraction of a second.</param>
    /// <returns>The inverse; the caller owns it.</returns>
    public static SymmetricMatrix Inverse(Workers workers, SymmetricMatrix factor, CancellationToken cancellationToken = default)
    {
        int n = factor.Order;
        SymmetricMatrix inverse = new(n);
        using NativeBuffer<double> inverses = Inverses(workers, factor);
        double* corners = inverses.Pointer, l = factor.Pointer, result = inverse.Pointer;
        TaskList.Run(workers, (n + InvertedTogether - 1) / InvertedTogether, stripe =>
        {
            // A unit vector's solution of L·y = e is zero above its one, and by symmetry nothing to the left of that is
            // wanted of the inverse: rows from `top` on see the triangle from `top` on alone.
            int top = (int)stripe * InvertedTogether, height = Math.Min(InvertedTogether, n - top);
            using NativeBuffer<double> scratch = new((long)height * Block);
            double* b = result + ((long)top * n) + top;
            for (int i = 0; i < height; i++) b[((long)i * n) + i] = 1;
            Forward(Workers.Single, l, n, top, n - top, corners, b, n, height, scratch.Pointer, cancellationToken);
            Backward(l, n, top, n - top, corners, b, n, height, scratch.Pointer, cancellationToken);
        });
        if (cancellationToken.IsCancellationRequested)
        {
            inverse.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
        }

        Mirror(workers, result, n);
        return inverse;
    }

    /// <summary>The inverses of the diagonal blocks, one behind the other.</summary>
    private static NativeBuffer<double> Inverses(Workers workers, SymmetricMatrix factor)
    {
        int n = factor.Order;
        NativeBuffer<double> inverses = new((long)BlocksOf(n) * Block * Block);
        double* corners = inverses.Pointer, l = factor.Pointer;
        workers.Run(BlocksOf(n), 4, (start, end) =>
        {
            for (long at = start * Block; at < Math.Min(n, end * Block); at += Block)
                InvertLower(l + (at * n) + at, n, (int)Math.Min(Block, n - at), corners + (at * Block));
        });
        return inverses;
    }

    /// <summary>b [rows, order] becomes b·L⁻ᵀ: every row is solved against L, from row <paramref name="from"/> of L on.</summary>
    private static void Forward(
        Workers workers, double* l, long ld, int from, int order, double* inverses, double* b, long ldb, long rows, double* scratch,
        CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return;
        if (order <= Block)
        {
            Replace(workers, true, inverses + ((long)from * Block), order, b, ldb, rows, scratch);
            return;
        }

        int half = Half(order);
        Forward(workers, l, ld, from, half, inverses, b, ldb, rows, scratch, cancel);
        Subtract(workers, true, rows, order - half, half, b, ldb, l + ((from + half) * ld) + from, ld, b + half, ldb, cancel);
        Forward(workers, l, ld, from + half, order - half, inverses, b + half, ldb, rows, scratch, cancel);
    }

    /// <summary>b [rows, order] becomes b·L⁻¹: every row is solved against Lᵀ.</summary>
    private static void Backward(
        double* l, long ld, int from, int order, double* inverses, double* b, long ldb, long rows, double* scratch,
        CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return;
        if (order <= Block)
        {
            Replace(Workers.Single, false, inverses + ((long)from * Block), order, b, ldb, rows, scratch);
            return;
        }

        int half = Half(order);
        Backward(l, ld, from + half, order - half, inverses, b + half, ldb, rows, scratch, cancel);
        Subtract(Workers.Single, false, rows, half, order - half, b + half, ldb, l + ((from + half) * ld) + from, ld, b, ldb, cancel);
        Backward(l, ld, from, half, inverses, b, ldb, rows, scratch, cancel);
    }

    /// <summary>b [rows, order] becomes b·op(inverse).</summary>
    private static void Replace(
        Workers workers, bool transpose, double* inverse, int order, double* b, long ldb, long rows, double* scratch)
    {
        Dgemm.Multiply(workers, false, transpose, rows, order, order, b, ldb, inverse, Block, scratch, order, false);
        long bytes = order * sizeof(double);
        for (long i = 0; i < rows; i++) Buffer.MemoryCopy(scratch + (i * order), b + (i * ldb), bytes, bytes);
    }

    /// <summary>Copies the upper triangle into the lower one.</summary>
    private static void Mirror(Workers workers, double* a, long n)
    {
        const int Tile = 32;
        TaskList.Run(workers, (n + Tile - 1) / Tile, stripe =>
        {
            long top = stripe * Tile, bottom = Math.Min(n, top + Tile);
            for (long left = 0; left <= top; left += Tile)
            {
                for (long i = top; i < bottom; i++)
                {
                    for (long j = left; j < Math.Min(i, left + Tile); j++) a[(i * n) + j] = a[(j * n) + i];
                }
            }
        });
    }
}
