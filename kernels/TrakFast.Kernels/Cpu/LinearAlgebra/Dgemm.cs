namespace TrakFast.Kernels;

/// <summary>Double-precision matrix products, row-major.</summary>
internal static unsafe class Dgemm
{
    /// <summary>
    /// C [M, N] = op(A) [M, K] · op(B) [K, N], or C += …. The bits of an output element depend on its row of op(A), its
    /// column of op(B) and K alone: not on M, on N or on the number of threads.
    /// </summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="transposeA">Whether A is stored [K, M].</param>
    /// <param name="transposeB">Whether B is stored [N, K].</param>
    /// <param name="m">Rows M of C.</param>
    /// <param name="n">Columns N of C.</param>
    /// <param name="k">Inner dimension K; 0 gives a zero product.</param>
    /// <param name="a">A as stored.</param>
    /// <param name="lda">Elements between rows of A as stored.</param>
    /// <param name="b">B as stored.</param>
    /// <param name="ldb">Elements between rows of B as stored.</param>
    /// <param name="c">C.</param>
    /// <param name="ldc">Elements between rows of C.</param>
    /// <param name="accumulate">Whether to add to C instead of overwriting it.</param>
    public static void Multiply(
        Workers workers, bool transposeA, bool transposeB, long m, long n, long k,
        double* a, long lda, double* b, long ldb, double* c, long ldc, bool accumulate)
    {
        MatrixProduct<double> product = new()
        {
            TransposeA = transposeA, TransposeB = transposeB, Accumulate = accumulate, M = m, N = n, K = k,
            A = a, LdA = lda, B = b, LdB = ldb, C = c, LdC = ldc,
        };
        Multiply(workers, product);
    }

    /// <summary>
    /// C −= op(A)·op(B),
    /// as <see cref="Multiply(Workers, bool, bool, long, long, long, double*, long, double*, long, double*, long, bool)"/> has
    /// it otherwise.
    /// </summary>
    internal static void Subtract(
        Workers workers, bool transposeA, bool transposeB, long m, long n, long k, double* a, long lda,
        double* b, long ldb, double* c, long ldc)
    {
        MatrixProduct<double> product = new()
        {
            TransposeA = transposeA, TransposeB = transposeB, Accumulate = true, Negate = true, M = m, N = n, K = k,
            A = a, LdA = lda, B = b, LdB = ldb, C = c, LdC = ldc,
        };
        Multiply(workers, product);
    }

    private static void Multiply(Workers workers, in MatrixProduct<double> product)
    {
        if (Simd.Avx512) Gemm<double, GemmKernel512<double>>.Multiply(workers, product);
        else if (Simd.Avx256) Gemm<double, GemmKernel256<double>>.Multiply(workers, product);
        else if (Simd.Vectors) Gemm<double, GemmKernel128<double>>.Multiply(workers, product);
        else Gemm<double, GemmKernelScalar<double>>.Multiply(workers, product);
    }
}
