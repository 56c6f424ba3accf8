namespace TrakFast.Kernels;

/// <summary>The definitions of the dense kernels, in the plainest loops and in float64.</summary>
internal static unsafe class ReferenceLinearAlgebra
{
    /// <summary>C = op(A)·op(B), or C += …; the parameters are those of <see cref="Sgemm.Multiply"/>.</summary>
    public static void Multiply(
        bool transposeA, bool transposeB, long m, long n, long k,
        float* a, long lda, float* b, long ldb, double* c, long ldc, bool accumulate)
    {
        for (long i = 0; i < m; i++)
        {
            for (long j = 0; j < n; j++)
            {
                double sum = accumulate ? c[(i * ldc) + j] : 0;
                for (long l = 0; l < k; l++)
                    sum += (double)(transposeA ? a[(l * lda) + i] : a[(i * lda) + l]) * (transposeB ? b[(j * ldb) + l] : b[(l * ldb) + j]);
                c[(i * ldc) + j] = sum;
            }
        }
    }

    /// <summary>gram += XᵀX for X = diag(rowScale)·features; a null rowScale stands for ones.</summary>
    public static void Gram(float* features, long rows, int k, float* rowScale, SymmetricMatrix gram)
    {
        for (long r = 0; r < rows; r++)
        {
            double scale = rowScale is null ? 1 : rowScale[r];
            for (int i = 0; i < k; i++)
            {
                for (int j = 0; j < k; j++) gram.Row(i)[j] += scale * features[(r * k) + i] * (scale * features[(r * k) + j]);
            }
        }
    }

    /// <summary>The Cholesky factor L of A = L·Lᵀ, in place in the lower triangle (Golub and Van Loan, Algorithm 4.2.1).</summary>
    /// <returns>The first pivot that is not positive and finite, or −1.</returns>
    public static int Cholesky(SymmetricMatrix a)
    {
        for (int j = 0; j < a.Order; j++)
        {
            double pivot = a.Row(j)[j];
            for (int l = 0; l < j; l++) pivot -= a.Row(j)[l] * a.Row(j)[l];
            if (!(pivot > 0) || !double.IsFinite(pivot)) return j;
            a.Row(j)[j] = Math.Sqrt(pivot);
            for (int i = j + 1; i < a.Order; i++)
            {
                double sum = a.Row(i)[j];
                for (int l = 0; l < j; l++) sum -= a.Row(i)[l] * a.Row(j)[l];
                a.Row(i)[j] = sum / a.Row(j)[j];
            }
        }

        return -1;
    }
}
