using TrakFast.Kernels;

namespace TrakFast.Testing;

public abstract unsafe partial class KernelBackendContract<TSizes>
    where TSizes : struct, IContractSizes
{
    public static IReadOnlyList<BlockCase> FactoredBlocks => TSizes.FactoredBlocks;

    [Test]
    public void KroneckerMatchesTheReference([ValueSource(nameof(FactoredBlocks))] BlockCase block, [Values(1, 3)] int sparsity)
    {
        const int K = 130;
        int[] examples = [0, 1, 2, 3];
        Projection projection = new(ProjectionKind.Kronecker, K, 7, 3, sparsity);
        double[] expected = new double[examples.Length * K];
        using (CpuBackend host = new(Workers.Single))
        using (Uploads uploads = new(host))
        {
            GradientBlock built = block.Build(uploads, examples);
            Assert.That(projection.Factors(built.Parameter), "the parameter is large enough to be factored");
            double[] gradients = new double[examples.Length * block.Parameters];
            fixed (double* g = gradients, f = expected)
            {
                GradientMatrix.Add(built, block.Parameters, g);
                ReferenceProjection.AddKronecker(projection, built.Parameter, examples.Length, block.Parameters, g, f);
            }
        }

        Assert.That(TestData.Error(Project(projection, block, examples, 2), expected), Is.LessThan(5e-6));
    }

    [Test]
    public void KroneckerFeaturesDoNotDependOnBatchOrThreads([ValueSource(nameof(FactoredBlocks))] BlockCase block)
    {
        const int K = 130;
        int last = Size(39, 4);
        Projection projection = new(ProjectionKind.Kronecker, K, 7, 3);
        float[] whole = Project(projection, block, [.. Enumerable.Range(0, last + 1)], 2);
        foreach (int threads in (ReadOnlySpan<int>)[1, 3])
        {
            float[] part = Project(projection, block, [last, 2], threads);
            TestData.AssertSameBits(part.AsSpan(0, K), whole.AsSpan(last * K, K), $"example {last}, {threads} threads");
            TestData.AssertSameBits(part.AsSpan(K, K), whole.AsSpan(2 * K, K), $"example 2, {threads} threads");
        }
    }

    [Test]
    public void KroneckerKeepsInnerProductsOnAverage()
    {
        const int K = 256, Seeds = 400;
        RequireSpeed();
        BlockCase block = BlockCase.Outer(2, 24, 24, 24, 0).Of(new ParameterMatrix(0, 24, 24));
        using CpuBackend host = new(Workers.Single);
        using Uploads uploads = new(host);
        double[] gradients = new double[2 * block.Parameters];
        fixed (double* g = gradients) GradientMatrix.Add(block.Build(uploads, [0, 1]), block.Parameters, g);
        double norm = 0;
        for (int i = 0; i < block.Parameters; i++) norm += gradients[i] * gradients[i];
        double sum = 0, squares = 0;
        for (uint seed = 0; seed < Seeds; seed++)
        {
            Projection projection = new(ProjectionKind.Kronecker, K, seed, 0);
            double length = Project(projection, block, [0], 1).Sum(static x => (double)x * x) * projection.Scale * projection.Scale / norm;
            sum += length;
            squares += length * length;
        }

        double mean = sum / Seeds, error = Math.Sqrt(((squares / Seeds) - (mean * mean)) / Seeds);
        Assert.That(mean, Is.EqualTo(1).Within(4 * error));
    }
}
