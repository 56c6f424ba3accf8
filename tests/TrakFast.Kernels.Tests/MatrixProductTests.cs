namespace TrakFast.Kernels.Tests;

internal sealed unsafe class MatrixProductTests
{
    private static readonly int[] Sizes = [1, 2, 3, 4, 5, 7, 8, 13, 14, 15, 16, 17, 28, 31, 32, 33, 45, 64, 65];

    [Test]
    public void EverySmallSizeMatchesTheReference([Values] bool transposeA, [Values] bool transposeB, [Values] bool accumulate)
    {
        foreach (int m in Sizes)
        {
            foreach (int n in Sizes)
            {
                foreach (int k in (ReadOnlySpan<int>)[0, 1, 3, 16, 17, 40])
                    Check(Workers.Single, transposeA, transposeB, m, n, k, 3, accumulate);
            }
        }
    }

    [TestCase(300, 70, 1100)]
    [TestCase(1, 2000, 513)]
    [TestCase(2000, 1, 513)]
    [TestCase(13, 1500, 700)]
    [TestCase(600, 300, 64)]
    [TestCase(29, 33, 5000)]
    [TestCase(200, 300, 1100)]
    public void LargeSizesMatchTheReference(int m, int n, int k)
    {
        for (int bits = 0; bits < 8; bits++) Check(new Workers(2), (bits & 1) != 0, (bits & 2) != 0, m, n, k, 0, (bits & 4) != 0);
    }

    [Test]
    public void AnElementsBitsDependOnItsRowItsColumnAndTheDepthAlone([Values] bool transposeA, [Values] bool transposeB)
    {
        const int M = 83, N = 131, K = 1300;
        float[] a = TestData.Floats(M * K, 1), b = TestData.Floats(K * N, 2), whole = new float[M * N];
        int lda = transposeA ? M : K, ldb = transposeB ? K : N;
        fixed (float* pa = a, pb = b, pc = whole)
        {
            Sgemm.Multiply(new Workers(3), transposeA, transposeB, M, N, K, pa, lda, pb, ldb, pc, N, false);
            foreach ((int i, int j, int m, int n) in (ReadOnlySpan<(int, int, int, int)>)
            [
                (0, 0, 1, 1), (5, 7, 14, 32), (82, 130, 1, 1), (20, 64, 3, 40), (0, 31, 83, 2), (69, 1, 14, 130)
            ])
            {
                float[] part = new float[m * n], expected = new float[m * n];
                fixed (float* pp = part)
                {
                    Sgemm.Multiply(
                        Workers.Single, transposeA, transposeB, m, n, K, pa + (transposeA ? i : i * lda), lda,
                        pb + (transposeB ? j * ldb : j), ldb, pp, n, false);
                }

                for (int r = 0; r < m; r++) whole.AsSpan(((i + r) * N) + j, n).CopyTo(expected.AsSpan(r * n));
                TestData.AssertSameBits(part, expected, $"({i}, {j}) {m} × {n}");
            }
        }
    }

    [TestCase(300, 260, 1100, 2)]
    [TestCase(290, 2100, 520, 3)]
    [TestCase(1500, 140, 33, 5)]
    [TestCase(150, 2100, 40, 8)]
    public void ThreadsThatShareALargeProductDoNotChangeItsBits(int m, int n, int k, int threads)
    {
        for (int bits = 0; bits < 4; bits++)
        {
            bool transposeA = (bits & 1) != 0, transposeB = (bits & 2) != 0;
            float[] a = TestData.Floats(m * k, 1), b = TestData.Floats(k * n, 2), many = TestData.Floats(m * n, 3), one = [.. many];
            fixed (float* pa = a, pb = b, pm = many, po = one)
            {
                Sgemm.Multiply(
                    new Workers(threads), transposeA, transposeB, m, n, k, pa, transposeA ? m : k, pb, transposeB ? k : n, pm, n, true);
                Sgemm.Multiply(
                    Workers.Single, transposeA, transposeB, m, n, k, pa, transposeA ? m : k, pb, transposeB ? k : n, po, n, true);
            }

            TestData.AssertSameBits(many, one, $"{m} × {n} × {k}, transposed {transposeA}, {transposeB}, {threads} threads");
        }
    }

    [TestCase(1, 1, 1)]
    [TestCase(13, 33, 20)]
    [TestCase(14, 32, 530)]
    [TestCase(31, 64, 40)]
    [TestCase(45, 150, 17)]
    public void TheWidestKernelIsRightOnAnyProcessor(int m, int n, int k)
    {
        if (!Simd.Vectors) Assert.Ignore("Without vectors 512-bit ones take minutes to imitate.");
        for (int bits = 0; bits < 8; bits++)
        {
            MatrixProduct<float> product = new()
            {
                TransposeA = (bits & 1) != 0,
                TransposeB = (bits & 2) != 0,
                Accumulate = (bits & 4) != 0,
                M = m,
                N = n,
                K = k
            };
            (product.LdA, product.LdB, product.LdC) = (product.TransposeA ? m : k, product.TransposeB ? k : n, n + 3);
            float[] a = TestData.Floats(m * k, 1), b = TestData.Floats(k * n, 2), c = TestData.Floats(m * (n + 3), 3);
            double[] expected = [.. c];
            fixed (float* pa = a, pb = b, pc = c)
            {
                fixed (double* pe = expected)
                    ReferenceLinearAlgebra.Multiply(
                        product.TransposeA, product.TransposeB, m, n, k, pa, product.LdA, pb, product.LdB, pe, n + 3, product.Accumulate);
                product.A = pa;
                product.B = pb;
                product.C = pc;
                Gemm<float, GemmKernel512<float>>.Multiply(Workers.Single, product);
            }

            Assert.That(TestData.Error(c, expected), Is.LessThan(1e-5), $"{m} × {n} × {k}, {bits}");
        }
    }

    [TestCase(20, 40, 300)]
    [TestCase(31, 150, 13)]
    public void TheWidestKernelIsRightInDoublePrecision(int m, int n, int k)
    {
        if (!Simd.Vectors) Assert.Ignore("Without vectors 512-bit ones take minutes to imitate.");
        for (int bits = 0; bits < 8; bits++)
        {
            MatrixProduct<double> product = new()
            {
                TransposeA = (bits & 1) != 0,
                TransposeB = (bits & 2) != 0,
                Negate = (bits & 4) != 0,
                Accumulate = true,
                M = m,
                N = n,
                K = k
            };
            (product.LdA, product.LdB, product.LdC) = (product.TransposeA ? m : k, product.TransposeB ? k : n, n);
            double[] a = [.. TestData.Floats(m * k, 1)],
                b = [.. TestData.Floats(k * n, 2)],
                c = [.. TestData.Floats(m * n, 3)],
                before = [.. c];
            fixed (double* pa = a, pb = b, pc = c)
            {
                product.A = pa;
                product.B = pb;
                product.C = pc;
                Gemm<double, GemmKernel512<double>>.Multiply(Workers.Single, product);
                for (int i = 0; i < m; i++)
                {
                    for (int j = 0; j < n; j++)
                    {
                        double sum = 0;
                        for (int d = 0; d < k; d++) sum += *product.AtA(i, d) * *product.AtB(d, j);
                        Assert.That(c[(i * n) + j], Is.EqualTo(before[(i * n) + j] + (product.Negate ? -sum : sum)).Within(1e-11));
                    }
                }
            }
        }
    }

    [TestCase(5, 12, 9, 7)]
    [TestCase(1, 300, 200, 150)]
    [TestCase(2, 128, 64, 128)]
    [TestCase(3, 256, 256, 64)]
    [TestCase(4, 6, 3, 0)]
    public void EveryItemOfABatchHasTheBitsOfItsOwnProduct(int batch, int m, int n, int k)
    {
        const int Gap = 5;
        for (int bits = 0; bits < 8; bits++)
        {
            bool transposeA = (bits & 1) != 0, transposeB = (bits & 2) != 0, accumulate = (bits & 4) != 0;
            int lda = (transposeA ? m : k) + 1, ldb = (transposeB ? k : n) + 2, ldc = n + 3;
            int strideA = (lda * (transposeA ? k : m)) + Gap, strideB = (ldb * (transposeB ? n : k)) + Gap, strideC = (ldc * m) + Gap;
            float[] a = TestData.Floats(batch * strideA, 1), b = TestData.Floats(batch * strideB, 2);
            foreach (int step in (ReadOnlySpan<int>)[strideB, 0])
            {
                float[] together = TestData.Floats(batch * strideC, 3), apart = [.. together];
                fixed (float* pa = a, pb = b, pt = together, ps = apart)
                {
                    Sgemm.MultiplyBatch(
                        new Workers(2), transposeA, transposeB, batch, m, n, k, pa, lda, strideA, pb,
                        ldb, step, pt, ldc, strideC, accumulate);
                    for (int i = 0; i < batch; i++)
                        Sgemm.Multiply(
                            Workers.Single, transposeA, transposeB, m, n, k, pa + (i * strideA), lda, pb + (i * step),
                            ldb, ps + (i * strideC), ldc, accumulate);
                }

                TestData.AssertSameBits(
                    together, apart,
                    $"{batch} × {m} × {n} × {k}, transposed {transposeA}, {transposeB}, accumulate {accumulate}, step {step}");
            }
        }
    }

    [TestCase(70, 50, 600, false, true)]
    [TestCase(310, 270, 530, true, false)]
    [TestCase(150, 200, 300, false, false)]
    [TestCase(33, 129, 65, true, false)]
    [TestCase(15, 17, 3, false, false)]
    [TestCase(64, 64, 64, true, true)]
    public void DoublePrecisionMatchesALoop(int m, int n, int k, bool transposeA, bool transposeB)
    {
        double[] a = [.. TestData.Floats(m * k, 3)], b = [.. TestData.Floats(k * n, 4)], c = new double[m * n];
        int lda = transposeA ? m : k, ldb = transposeB ? k : n;
        fixed (double* pa = a, pb = b, pc = c)
            Dgemm.Multiply(new Workers(2), transposeA, transposeB, m, n, k, pa, lda, pb, ldb, pc, n, true);
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = 0;
                for (int l = 0; l < k; l++)
                    sum += (transposeA ? a[(l * m) + i] : a[(i * k) + l]) * (transposeB ? b[(j * k) + l] : b[(l * n) + j]);
                Assert.That(c[(i * n) + j], Is.EqualTo(sum).Within(1e-11));
            }
        }
    }

    private static void Check(Workers workers, bool transposeA, bool transposeB, int m, int n, int k, int gap, bool accumulate)
    {
        int lda = (transposeA ? m : k) + gap, ldb = (transposeB ? k : n) + gap, ldc = n + gap;
        float[] a = TestData.Floats(lda * (transposeA ? k : m), 1),
            b = TestData.Floats(ldb * (transposeB ? n : k), 2),
            c = TestData.Floats(ldc * m, 3);
        double[] expected = [.. c];
        fixed (float* pa = a, pb = b, pc = c)
        {
            fixed (double* pe = expected)
                ReferenceLinearAlgebra.Multiply(transposeA, transposeB, m, n, k, pa, lda, pb, ldb, pe, ldc, accumulate);
            Sgemm.Multiply(workers, transposeA, transposeB, m, n, k, pa, lda, pb, ldb, pc, ldc, accumulate);
        }

        // The gaps between rows of C hold what they held: the reference never writes them.
        if (TestData.Error(c, expected) > 1e-5)
            Assert.Fail(
                $"{m} × {n} × {k}, transposed {transposeA}, {transposeB}, accumulate {accumulate}: error {TestData.Error(c, expected)}");
    }
}
