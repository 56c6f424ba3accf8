namespace TrakFast.Kernels.Tests;

internal sealed unsafe class SymmetricProductTests
{
    [TestCase(1, 1, 1)]
    [TestCase(9, 33, 1)]
    [TestCase(520, 13, 2)]
    [TestCase(1030, 47, 3)]
    [TestCase(300, 270, 2)]
    public void EveryKernelAddsTheUpperTriangle(int rows, int k, int threads)
    {
        Check<GemmKernelScalar<float>>(rows, k, threads);
        if (!Simd.Vectors) return;
        Check<GemmKernel128<float>>(rows, k, threads);
        Check<GemmKernel256<float>>(rows, k, threads);
        Check<GemmKernel512<float>>(rows, k, threads);
    }

    private static void Check<TKernel>(int rows, int k, int threads)
        where TKernel : struct, IGemmKernel<float>
    {
        float[] x = TestData.Floats(rows * k, 1), scale = TestData.Floats(rows, 2);
        using ScratchPool pool = new();
        foreach (bool scaled in (ReadOnlySpan<bool>)[false, true])
        {
            double[] sum = [.. Enumerable.Repeat(3.0, k * k)];
            fixed (float* px = x, ps = scale)
            fixed (double* p = sum) SymmetricProduct<TKernel>.Add(new Workers(threads), pool, px, rows, k, scaled ? ps : null, p);
            for (int i = 0; i < k; i++)
            {
                for (int j = i; j < k; j++)
                {
                    double expected = 3;
                    for (int r = 0; r < rows; r++) expected += (scaled ? (double)scale[r] * scale[r] : 1) * x[(r * k) + i] * x[(r * k) + j];
                    if (Math.Abs(sum[(i * k) + j] - expected) > 1e-6 * rows)
                        Assert.Fail($"{typeof(TKernel).Name}, ({i}, {j}): {sum[(i * k) + j]}, not {expected}");
                }
            }
        }
    }
}
