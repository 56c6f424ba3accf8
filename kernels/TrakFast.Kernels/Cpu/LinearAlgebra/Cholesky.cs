using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// A = L·Lᵀ in float64 by halves: the upper left quarter, the quarter below it solved against that, its product taken off
/// the last quarter, and that one factored. Nearly all work is matrix products with a large inner dimension. What is left
/// are diagonal blocks, which are factored and inverted on their own, so that solving against them is a product too.
/// </summary>
public static unsafe partial class Cholesky
{
    /// <summary>Order of the diagonal blocks.</summary>
    private const int Block = 64;

    // Products in a step between two looks at whether to go on: a tenth of a second of one slow thread.
    private const long MostProducts = 1L << 31;

    // Rows of a step, whole tiles of a product.
    private const long LeastRows = 192;

    /// <summary>Factors in place: the lower triangle becomes L, and what lies above it in the upper one is of no use.</summary>
    /// <param name="workers">Threads to use; they do not change the bits.</param>
    /// <param name="a">The matrix [k, k]; its lower triangle is read.</param>
    /// <param name="failedPivot">The first row whose pivot is not positive and finite; −1 on success.</param>
    /// <param name="cancellationToken">Stops within a fraction of a second.</param>
    /// <returns>Whether the matrix is positive definite.</returns>
    public static bool TryFactor(Workers workers, SymmetricMatrix a, out int failedPivot, CancellationToken cancellationToken = default)
    {
        using NativeBuffer<double> inverses = new((long)BlocksOf(a.Order) * Block * Block), scratch = new((long)a.Order * Block);
        failedPivot = Factor(workers, a.Pointer, a.Order, 0, a.Order, inverses.Pointer, scratch.Pointer, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return failedPivot < 0;
    }

    private static int BlocksOf(int order) => (order + Block - 1) / Block;

    /// <summary>Where a triangle is halved: at a diagonal block.</summary>
    private static int Half(int order) => Math.Max(Block, order / 2 / Block * Block);

    /// <summary>Factors rows and columns from to from + order; returns the failed pivot or −1.</summary>
    private static int Factor(
        Workers workers, double* a, long ld, int from, int order, double* inverses, double* scratch, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return from;
        double* corner = a + (from * ld) + from;
        if (order <= Block)
        {
            int failed = FactorDiagonal(corner, ld, order);
            if (failed >= 0) return from + failed;
            InvertLower(corner, ld, order, inverses + ((long)from * Block));
            return -1;
        }

        int half = Half(order), below = order - half;
        int pivot = Factor(workers, a, ld, from, half, inverses, scratch, cancel);
        if (pivot >= 0) return pivot;
        double* panel = corner + (half * ld);
        Forward(workers, a, ld, from, half, inverses, panel, ld, below, scratch, cancel);
        Update(workers, panel, ld, below, half, panel + half, cancel);
        return Factor(workers, a, ld, from + half, below, inverses, scratch, cancel);
    }

    /// <summary>
    /// The lower triangle of the trailing matrix −= panel·panelᵀ for panel [rows, width];
    /// what lies above it in diagonal blocks changes too.
    /// </summary>
    private static void Update(Workers workers, double* panel, long ld, int rows, int width, double* trailing, CancellationToken cancel)
    {
        if (rows <= Block)
        {
            Subtract(workers, true, rows, rows, width, panel, ld, panel, ld, trailing, ld, cancel);
            return;
        }

        int half = Half(rows);
        double* lower = panel + (half * ld);
        Update(workers, panel, ld, half, width, trailing, cancel);
        Subtract(workers, true, rows - half, half, width, lower, ld, panel, ld, trailing + (half * ld), ld, cancel);
        Update(workers, lower, ld, rows - half, width, trailing + (half * ld) + half, cancel);
    }

    /// <summary>c [rows, columns] −= a·op(b), in steps of which each takes a fraction of a second.</summary>
    private static void Subtract(
        Workers workers, bool transpose, long rows, long columns, long inner, double* a, long lda, double* b, long ldb, double* c, long ldc,
        CancellationToken cancel)
    {
        long atOnce = Math.Max(LeastRows, MostProducts / Math.Max(1, columns * inner) / LeastRows * LeastRows);
        for (long first = 0; first < rows && !cancel.IsCancellationRequested; first += atOnce)
            Dgemm.Subtract(
                workers, false, transpose, Math.Min(atOnce, rows - first), columns, inner, a + (first * lda), lda, b, ldb,
                c + (first * ldc), ldc);
    }

    /// <summary>Factors a small block; returns the failed pivot or −1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FactorDiagonal(double* a, long ld, int n)
    {
        for (int j = 0; j < n; j++)
        {
            double* rowJ = a + (j * ld);
            double pivot = rowJ[j] - Dot(rowJ, rowJ, j);
            if (!(pivot > 0) || !double.IsFinite(pivot)) return j;
            double root = Math.Sqrt(pivot);
            rowJ[j] = root;
            for (int i = j + 1; i < n; i++)
            {
                double* rowI = a + (i * ld);
                rowI[j] = (rowI[j] - Dot(rowI, rowJ, j)) / root;
            }
        }

        return -1;
    }

    /// <summary>inverse [Block, Block] = L⁻¹ for a small lower triangle, zeros above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InvertLower(double* l, long ld, int n, double* inverse)
    {
        new Span<double>(inverse, Block * Block).Clear();
        for (int i = 0; i < n; i++)
        {
            // Row i of L⁻¹ is (e_i − Σ_{m<i} L[i, m]·row m) / L[i, i].
            double* row = inverse + (i * Block);
            row[i] = 1;
            for (int m = 0; m < i; m++)
            {
                double factor = l[(i * ld) + m];
                double* other = inverse + (m * Block);

                // Row m is zero behind its diagonal, so whole vectors may run past it.
                Vector256<double> factors = Vector256.Create(factor);
                for (int c = 0; c <= m; c += 4) (Vector256.Load(row + c) - (factors * Vector256.Load(other + c))).Store(row + c);
            }

            for (int c = 0; c <= i; c++) row[c] /= l[(i * ld) + i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Dot(double* x, double* y, int count)
    {
        Vector256<double> even = default, odd = default;
        int i = 0;
        for (; Simd.Vectors && i <= count - 8; i += 8)
        {
            even += Vector256.Load(x + i) * Vector256.Load(y + i);
            odd += Vector256.Load(x + i + 4) * Vector256.Load(y + i + 4);
        }

        double sum = Vector256.Sum(even + odd);
        for (; i < count; i++) sum += x[i] * y[i];
        return sum;
    }
}
