namespace TrakFast.Kernels;

/// <summary>Single-precision matrix products, row-major.</summary>
public static unsafe class Sgemm
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
        float* a, long lda, float* b, long ldb, float* c, long ldc, bool accumulate)
    {
        MatrixProduct<float> product = new()
        {
            TransposeA = transposeA, TransposeB = transposeB, Accumulate = accumulate, M = m, N = n, K = k,
            A = a, LdA = lda, B = b, LdB = ldb, C = c, LdC = ldc,
        };
        if (Simd.Avx512) Gemm<float, GemmKernel512<float>>.Multiply(workers, product);
        else if (Simd.Avx256) Gemm<float, GemmKernel256<float>>.Multiply(workers, product);
        else if (Simd.Vectors) Gemm<float, GemmKernel128<float>>.Multiply(workers, product);
        else Gemm<float, GemmKernelScalar<float>>.Multiply(workers, product);
    }

    /// <summary>
    /// A batch of products C_i [M, N] = op(A_i) [M, K] · op(B_i) [K, N], or C_i += …, of one shape: item i lies i strides
    /// behind item 0. A stride of 0 shares a factor; the results must not overlap. Parallel over items, and every element has
    /// the bits that <see cref="Multiply"/> gives it.
    /// </summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="transposeA">Whether A is stored [K, M].</param>
    /// <param name="transposeB">Whether B is stored [N, K].</param>
    /// <param name="batch">Number of products.</param>
    /// <param name="m">Rows M of each C.</param>
    /// <param name="n">Columns N of each C.</param>
    /// <param name="k">Inner dimension K; 0 gives zero products.</param>
    /// <param name="a">A of item 0 as stored.</param>
    /// <param name="lda">Elements between rows of A as stored.</param>
    /// <param name="strideA">Elements from one item's A to the next one's.</param>
    /// <param name="b">B of item 0 as stored.</param>
    /// <param name="ldb">Elements between rows of B as stored.</param>
    /// <param name="strideB">Elements from one item's B to the next one's.</param>
    /// <param name="c">C of item 0.</param>
    /// <param name="ldc">Elements between rows of C.</param>
    /// <param name="strideC">Elements from one item's C to the next one's.</param>
    /// <param name="accumulate">Whether to add to C instead of overwriting it.</param>
    public static void MultiplyBatch(
        Workers workers, bool transposeA, bool transposeB, long batch, long m, long n, long k,
        float* a, long lda, long strideA, float* b, long ldb, long strideB, float* c, long ldc, long strideC, bool accumulate)
    {
        MatrixProduct<float> product = new()
        {
            TransposeA = transposeA, TransposeB = transposeB, Accumulate = accumulate, M = m, N = n, K = k,
            A = a, LdA = lda, B = b, LdB = ldb, C = c, LdC = ldc,
        };
        if (Simd.Avx512) Gemm<float, GemmKernel512<float>>.MultiplyBatch(workers, batch, product, strideA, strideB, strideC);
        else if (Simd.Avx256) Gemm<float, GemmKernel256<float>>.MultiplyBatch(workers, batch, product, strideA, strideB, strideC);
        else if (Simd.Vectors) Gemm<float, GemmKernel128<float>>.MultiplyBatch(workers, batch, product, strideA, strideB, strideC);
        else Gemm<float, GemmKernelScalar<float>>.MultiplyBatch(workers, batch, product, strideA, strideB, strideC);
    }
}
