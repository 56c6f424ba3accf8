namespace TrakFast.Kernels.Tests;

internal abstract unsafe partial class KernelBackendContract
{
    /// <summary>Blocks with the parameter that each is a part of, all larger than the factors of k = 130.</summary>
    public static IReadOnlyList<BlockCase> FactoredBlocks { get; } =
    [
        BlockCase.Outer(5, 31, 33, 33, 7).Of(new ParameterMatrix(7, 31, 33)),
        BlockCase.Outer(1, 20, 40, 40, 0).Of(new ParameterMatrix(0, 20, 40)),
        BlockCase.Outer(3, 11, 9, 40, 7 + (4 * 40) + 6).Of(new ParameterMatrix(7, 19, 40)),
        BlockCase.Outer(4, 34, 20, 20, 3).Of(new ParameterMatrix(3, 17, 40)),
        BlockCase.Dense(23 * 29, 5).Of(new ParameterMatrix(5, 23, 29)),
        BlockCase.Dense(29, 5 + 29).Of(new ParameterMatrix(5, 23, 29)),
        BlockCase.Rows(6, 37, 19, 11).Of(new ParameterMatrix(11, 19, 37)),
        BlockCase.Convolution("3×3 of stride 2", new ConvolutionGeometry(1, 5, 21, [6, 5], [3, 3], [2, 2], [1, 1], [1, 1], [1, 1])).Of(new ParameterMatrix(3, 21, 45)),
        BlockCase.Convolution("in groups", new ConvolutionGeometry(2, 6, 18, [7], [7], [1], [1], [3], [3])).Of(new ParameterMatrix(3, 18, 21)),
    ];

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
        Projection projection = new(ProjectionKind.Kronecker, K, 7, 3);
        float[] whole = Project(projection, block, [.. Enumerable.Range(0, 40)], 2);
        foreach (int threads in (ReadOnlySpan<int>)[1, 3])
        {
            float[] part = Project(projection, block, [33, 7], threads);
            TestData.AssertSameBits(part.AsSpan(0, K), whole.AsSpan(33 * K, K), $"example 33, {threads} threads");
            TestData.AssertSameBits(part.AsSpan(K, K), whole.AsSpan(7 * K, K), $"example 7, {threads} threads");
        }
    }

    [Test]
    public void KroneckerKeepsInnerProductsOnAverage()
    {
        const int K = 256, Seeds = 400;
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
