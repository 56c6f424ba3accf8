using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// A = L·Lᵀ in float64, blocked so that nearly all work is matrix products: a diagonal block is factored and inverted on
/// its own, the panel below it is multiplied by that inverse, and the rest of the matrix is updated by the panel.
/// </summary>
public static unsafe class Cholesky
{
    private const int Block = 128;

    /// <summary>Columns of the trailing matrix that are updated by one product; half of a diagonal one is wasted.</summary>
    private const int UpdateWidth = 256;

    /// <summary>Factors in place: the lower triangle becomes L, the upper one is left as it is.</summary>
    /// <param name="workers">Threads to use; they do not change the bits.</param>
    /// <param name="a">The matrix [k, k]; its lower triangle is read.</param>
    /// <param name="failedPivot">The first row whose pivot is not positive and finite; −1 on success.</param>
    /// <returns>Whether the matrix is positive definite.</returns>
    public static bool TryFactor(Workers workers, SymmetricMatrix a, out int failedPivot)
    {
        int n = a.Order;
        using NativeBuffer<double> corners = new(Block * Block), panels = new((long)n * Block), negatives = new((long)n * Block);
        double* inverse = corners.Pointer, panel = panels.Pointer, negative = negatives.Pointer;
        for (int j = 0; j < n; j += Block)
        {
            int width = Math.Min(Block, n - j);
            double* corner = a.Pointer + ((long)j * n) + j;
            failedPivot = FactorDiagonal(corner, n, width);
            if (failedPivot >= 0)
            {
                failedPivot += j;
                return false;
            }

            int below = n - j - width;
            if (below == 0) break;
            InvertLower(corner, n, width, inverse);
            double* left = corner + ((long)width * n);

            // The panel is made transposed, [width, below], because that is how the update can pack it by plain copies.
            Dgemm.Multiply(workers, false, true, width, below, width, inverse, Block, left, n, panel, below, false);
            Transpose(panel, width, below, left, n);
            Buffer.MemoryCopy(panel, negative, (long)below * width * sizeof(double), (long)below * width * sizeof(double));
            Negate(negative, (long)below * width);
            Update(workers, panel, negative, below, width, left + width, n);
        }

        failedPivot = -1;
        return true;
    }

    /// <summary>Solves A·X = B for many right-hand sides.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="factor">What <see cref="TryFactor"/> left.</param>
    /// <param name="rightHandSides">B [k, columns], row-major; becomes X.</param>
    /// <param name="columns">Number of right-hand sides m.</param>
    public static void Solve(Workers workers, SymmetricMatrix factor, double* rightHandSides, long columns)
    {
        int n = factor.Order;
        double* l = factor.Pointer;
        using NativeBuffer<double> corners = new(Block * Block), rows = new(Block * columns);
        double* inverse = corners.Pointer;
        for (int j = 0; j < n; j += Block)
        {
            int width = Math.Min(Block, n - j);
            InvertLower(l + ((long)j * n) + j, n, width, inverse);
            Replace(workers, false, inverse, width, rightHandSides + (j * columns), columns, rows.Pointer);
            Negate(rows.Pointer, width * columns);
            int below = n - j - width;
            Dgemm.Multiply(
                workers, false, false, below, columns, width, l + ((long)(j + width) * n) + j, n, rows.Pointer, columns,
                rightHandSides + ((j + width) * columns), columns, true);
        }

        for (int j = (n - 1) / Block * Block; j >= 0; j -= Block)
        {
            int width = Math.Min(Block, n - j);
            InvertLower(l + ((long)j * n) + j, n, width, inverse);
            Replace(workers, true, inverse, width, rightHandSides + (j * columns), columns, rows.Pointer);
            Negate(rows.Pointer, width * columns);
            Dgemm.Multiply(workers, true, false, j, columns, width, l + ((long)j * n), n, rows.Pointer, columns, rightHandSides, columns, true);
        }
    }

    /// <summary>A⁻¹, both triangles filled.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="factor">What <see cref="TryFactor"/> left.</param>
    /// <returns>The inverse; the caller owns it.</returns>
    public static SymmetricMatrix Inverse(Workers workers, SymmetricMatrix factor)
    {
        SymmetricMatrix inverse = new(factor.Order);
        for (int i = 0; i < factor.Order; i++) inverse.Row(i)[i] = 1;
        Solve(workers, factor, inverse.Pointer, factor.Order);
        for (int i = 0; i < factor.Order; i++)
        {
            // The two triangles differ in their last bits.
            for (int j = 0; j < i; j++) inverse.Row(j)[i] = inverse.Row(i)[j];
        }

        return inverse;
    }

    /// <summary>
    /// The smallest power of ten λ for which A + λI factors, from 10⁻¹⁶ of the mean diagonal up: what to tell a user whose
    /// matrix is not positive definite. Found by bisection over the exponent, a factorisation each.
    /// </summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="a">The matrix, not factored; it is left as it is.</param>
    /// <returns>λ, or NaN if the matrix holds values that are not finite.</returns>
    public static double SmallestShift(Workers workers, SymmetricMatrix a)
    {
        double mean = 0;
        for (int i = 0; i < a.Order; i++) mean += Math.Abs(a.Row(i)[i]) / a.Order;
        if (!double.IsFinite(mean)) return double.NaN;
        int low = (int)Math.Floor(Math.Log10(Math.Max(mean, 1e-280))) - 16, high = low;
        using SymmetricMatrix copy = new(a.Order);
        int step = 1;
        for (; !Factors(high); step *= 2)
        {
            low = high + 1;
            high += step;
            if (high > 300) return double.NaN;
        }

        while (low < high)
        {
            int middle = (int)Math.Floor((low + high) / 2.0);
            if (Factors(middle)) high = middle;
            else low = middle + 1;
        }

        return Math.Pow(10, high);

        bool Factors(int exponent)
        {
            long bytes = (long)a.Order * a.Order * sizeof(double);
            Buffer.MemoryCopy(a.Pointer, copy.Pointer, bytes, bytes);
            for (int i = 0; i < a.Order; i++) copy.Row(i)[i] += Math.Pow(10, exponent);
            return TryFactor(workers, copy, out _);
        }
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

    /// <summary>trailing −= panelᵀ·panel for panel [width, rows], on and below the diagonal, parallel over stripes of rows.</summary>
    private static void Update(Workers workers, double* panel, double* negative, int rows, int width, double* trailing, long ld)
    {
        int stripes = (rows + UpdateWidth - 1) / UpdateWidth;
        // Stripe s of rows has s + 1 tiles; pairing the first with the last gives every item the same work.
        workers.Run((stripes + 1) / 2, 1, (start, end) =>
        {
            for (long pair = start; pair < end; pair++)
            {
                Stripe(pair);
                if (stripes - 1 - pair != pair) Stripe(stripes - 1 - pair);
            }
        });

        void Stripe(long stripe)
        {
            long top = stripe * UpdateWidth, height = Math.Min(UpdateWidth, rows - top);
            Dgemm.Multiply(
                Workers.Single, true, false, height, top + height, width, negative + top, rows, panel, rows, trailing + (top * ld), ld, true);
        }
    }

    /// <summary>target [columns, rows] = sourceᵀ, in squares that fit a few cache lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(double* source, int rows, int columns, double* target, long ld)
    {
        for (int j0 = 0; j0 < columns; j0 += 8)
        {
            for (int i = 0; i < rows; i++)
            {
                for (int j = j0; j < Math.Min(columns, j0 + 8); j++) target[(j * ld) + i] = source[((long)i * columns) + j];
            }
        }
    }

    /// <summary>target = op(inverse)·target; rows receives a copy of the result.</summary>
    private static void Replace(Workers workers, bool transpose, double* inverse, int width, double* target, long columns, double* rows)
    {
        Dgemm.Multiply(workers, transpose, false, width, columns, width, inverse, Block, target, columns, rows, columns, false);
        long bytes = width * columns * sizeof(double);
        Buffer.MemoryCopy(rows, target, bytes, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Negate(double* values, long count)
    {
        for (long i = 0; i < count; i++) values[i] = -values[i];
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
