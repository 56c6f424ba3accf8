using TrakFast.Kernels;

namespace TrakFast.Testing;

/// <summary>
/// What every kernel backend must do, over sizes that it can do in a test. A backend adds a sealed fixture that creates it.
/// </summary>
public abstract unsafe partial class KernelBackendContract<TSizes>
    where TSizes : struct, IContractSizes
{
    public static IReadOnlyList<BlockCase> Blocks => TSizes.Blocks;

    /// <summary>Creates the backend under test with a number of host threads, where that means something.</summary>
    protected abstract IKernelBackend Create(int threads);

    [Test]
    public void AStartedCopyHoldsWhatWasThereThen()
    {
        using IKernelBackend backend = Create(2);
        using Uploads uploads = new(backend);
        float[] values = TestData.Floats(1000, 3), host = new float[1000];
        MemoryView there = uploads.Upload(values);
        fixed (float* target = host)
        {
            IPendingCopy copy = backend.StartCopy(there, MemoryView.Of(target, host.Length));
            backend.Clear(there);
            copy.Complete();
            Assert.That(copy.IsComplete, Is.True);
        }

        TestData.AssertSameBits(host, values, "copy");
        Assert.That(uploads.Download(there), Is.All.Zero);
    }

    [Test]
    public void ProjectMatchesTheReference([ValueSource(nameof(Blocks))] BlockCase block, [Values] ProjectionKind kind)
    {
        int[] examples = [0, 1, 2, 3, 4, 5];
        foreach (int k in (ReadOnlySpan<int>)(kind == ProjectionKind.None ? [(int)block.Parameters] : TSizes.Dimensions))
        {
            Projection projection = new(kind, k, 7, 3, kind == ProjectionKind.Sjlt ? (k % 5) + 1 : 1);
            float[] features = Project(projection, block, examples, 2);

            // A single column sums all coordinates in float32, and nearly cancels.
            Assert.That(TestData.Error(features, Expected(projection, block, examples)), Is.LessThan(k == 1 ? 2e-5 : 5e-6), $"k = {k}");
        }
    }

    [Test]
    public void SjltOfABlockOfSeveralSlices([Values(1, 2)] int sparsity)
    {
        const int K = 37;
        BlockCase block = BlockCase.Dense(Size((3 * 131072) + 77, (3 * 4096) + 77), 2);
        Projection projection = new(ProjectionKind.Sjlt, K, 7, 3, sparsity);
        float[] features = Project(projection, block, [0, 1, 2], 1);
        Assert.That(TestData.Error(features, Expected(projection, block, [0, 1, 2])), Is.LessThan(5e-6));
        int[] many = [.. Enumerable.Range(0, Size(21, 4))];
        foreach (int threads in (ReadOnlySpan<int>)[1, 2, 5])
            TestData.AssertSameBits(Project(projection, block, many, threads).AsSpan(K, K), features.AsSpan(K, K), $"{threads} threads");
    }

    [Test]
    public void AnExamplesFeaturesDoNotDependOnBatchPositionOrThreads(
        [ValueSource(nameof(Blocks))] BlockCase block, [Values] ProjectionKind kind)
    {
        int k = kind == ProjectionKind.None ? (int)block.Parameters : 130;
        Projection projection = new(kind, k, 7, 3, kind == ProjectionKind.Sjlt ? 2 : 1);
        int n = Size(70, 6);
        int[] all = [.. Enumerable.Range(0, n)];
        float[] whole = Project(projection, block, all, 2);
        foreach ((int[] examples, int threads) in (ReadOnlySpan<(int[], int)>)[
            ([0], 1), ([n - 1], 2), ([n / 2], 3), ([.. Enumerable.Range(n * 2 / 7, n / 10)], 1), ([.. Enumerable.Range(n / 20, n / 4)], 4),
            ([.. Enumerable.Reverse(all)], 1), ([.. all, .. all[..((n + 6) / 8)]], 3)])
        {
            float[] part = Project(projection, block, examples, threads);
            for (int i = 0; i < examples.Length; i++)
                TestData.AssertSameBits(
                    part.AsSpan(i * k, k), whole.AsSpan(examples[i] * k, k),
                    $"example {examples[i]} at {i} of {examples.Length}, {threads} threads");
        }
    }

    [Test]
    public void ProjectAddsToTheFeatures([Values] ProjectionKind kind)
    {
        BlockCase block = BlockCase.Dense(50, 0);
        Projection projection = new(kind, (int)block.Parameters, 1, 0);
        float[] once = Project(projection, block, [0, 1], 1), twice = Project(projection, block, [0, 1], 1, times: 2);
        Assert.That(TestData.Error(twice, [.. once.Select(x => 2.0 * x)]), Is.LessThan(1e-6));
    }

    [Test]
    public void EqualExamplesHaveEqualFeatures(
        [ValueSource(nameof(Blocks))] BlockCase block, [Values(ProjectionKind.Rademacher, ProjectionKind.Sjlt)] ProjectionKind kind)
    {
        float[] features = Project(new Projection(kind, 96, 5, 6), block, [4, 4, 1, 4], 2);
        TestData.AssertSameBits(features.AsSpan(96, 96), features.AsSpan(0, 96), "second");
        TestData.AssertSameBits(features.AsSpan(288, 96), features.AsSpan(0, 96), "last");
    }

    [Test]
    public void ProjectionIsLinear([Values] ProjectionKind kind)
    {
        const int Length = 777;
        Projection projection = new(kind, kind == ProjectionKind.None ? Length : 64, 5, 6);
        float[] x = TestData.Floats(Length, 1), y = TestData.Floats(Length, 2), mixed = [.. x.Zip(y, (a, b) => (2 * a) - (3 * b))];
        float[] features = Project(
            projection,
            new BlockCase("three", Length, (uploads, _) => new DenseBlock(3, 0, Length, uploads.Upload([.. x, .. y, .. mixed]))),
            [0, 1, 2],
            2);
        int k = projection.Dimension;
        double[] expected = [.. Enumerable.Range(0, k).Select(j => (2.0 * features[j]) - (3.0 * features[k + j]))];
        Assert.That(TestData.Error(features.AsSpan(2 * k, k), expected), Is.LessThan(3e-6));
    }

    [Test]
    public void SeedAndModelChooseTheMatrix(
        [Values(ProjectionKind.Rademacher, ProjectionKind.Gaussian, ProjectionKind.Sjlt)] ProjectionKind kind)
    {
        BlockCase block = BlockCase.Dense(600, 0);
        float[] features = Project(new Projection(kind, 64, 5, 6), block, [0], 1);
        Assert.That(Project(new Projection(kind, 64, 6, 6), block, [0], 1), Is.Not.EqualTo(features));
        Assert.That(Project(new Projection(kind, 64, 5, 7), block, [0], 1), Is.Not.EqualTo(features));
        Assert.That(Project(new Projection(kind, 64, 5, 6), block, [0], 1), Is.EqualTo(features));
    }

    [Test]
    public void CoordinatesBeyond32BitsAreUsed(
        [Values(ProjectionKind.Rademacher, ProjectionKind.Gaussian, ProjectionKind.Sjlt)] ProjectionKind kind)
    {
        const long Offset = (1L << 32) - 5;
        Projection projection = new(kind, 40, 5, 6);
        using IKernelBackend backend = Create(1);
        using Uploads uploads = new(backend);
        MemoryView features = uploads.Upload(new float[40]);
        backend.Project(projection, new DenseBlock(1, Offset, 10, uploads.Upload([1, 0, 0, 0, 0, 0, 0, 0, 0, 2])), features);
        double[] expected = new double[40];
        for (int j = 0; j < 40; j++)
        {
            expected[j] = kind switch
            {
                ProjectionKind.Rademacher =>
                    RandomEntries.Rademacher(5, 6, Offset, j) + (2 * RandomEntries.Rademacher(5, 6, Offset + 9, j)),
                ProjectionKind.Gaussian => RandomEntries.Gaussian(5, 6, Offset, j) + (2 * RandomEntries.Gaussian(5, 6, Offset + 9, j)),
                _ => Sjlt(Offset, j) + (2 * Sjlt(Offset + 9, j)),
            };
        }

        Assert.That(TestData.Error(uploads.Download(features), expected), Is.LessThan(1e-6));

        static double Sjlt(long c, int j) => RandomEntries.Sjlt(5, 6, c, 0, 40) is (int bucket, float sign) && bucket == j ? sign : 0;
    }

    [TestCase(ProjectionKind.Rademacher, 24, 24)]
    [TestCase(ProjectionKind.Rademacher, 1, 4000)]
    [TestCase(ProjectionKind.Gaussian, 24, 24)]
    [TestCase(ProjectionKind.Gaussian, 1, 4000)]
    [TestCase(ProjectionKind.Sjlt, 24, 24)]
    [TestCase(ProjectionKind.Sjlt, 1, 4000)]
    public void InnerProductsAreUnbiased(ProjectionKind kind, int rows, int columns)
    {
        // The pair is correlated, so that 5 % of its inner product is many standard errors of the mean of 2,000 trials.
        const int Trials = 2000, K = 16;
        RequireSpeed();
        int length = rows * columns;
        float[] x = TestData.Floats(length, 1), noise = TestData.Floats(length, 2), y = [.. x.Zip(noise, (a, b) => a + (0.3f * b))];
        double truth = x.Zip(y, (a, b) => (double)a * b).Sum(), mean = 0;
        using IKernelBackend backend = Create(1);
        using Uploads uploads = new(backend);
        MemoryView left = uploads.Upload(
            [.. Enumerable.Range(0, 2 * rows * rows).Select(i => i % (rows * rows) % (rows + 1) == 0 ? 1f : 0)]);
        MemoryView right = uploads.Upload([.. x, .. y]), features = uploads.Upload(new float[2 * K]);
        MemoryView zero = uploads.Upload(new float[2 * K]);

        // δ is the identity, so the outer product [rows, columns] is x itself.
        OuterProductBlock block = new(2, 0, columns, rows, rows, columns, left, right);
        for (uint trial = 0; trial < Trials; trial++)
        {
            Projection projection = new(kind, K, trial, 1);
            backend.Copy(zero, features);
            backend.Project(projection, block, features);
            float[] phi = uploads.Download(features);
            for (int j = 0; j < K; j++) mean += projection.Scale * projection.Scale * phi[j] * phi[K + j] / Trials;
        }

        Assert.That(mean, Is.EqualTo(truth).Within(5).Percent);
    }

    [Test]
    public void NativeMemoryIsFreedWithTheBackend()
    {
        long before = NativeBuffers.Alive;
        Project(new Projection(ProjectionKind.Rademacher, 70, 1, 1), BlockCase.Outer(2, 5, 6, 6, 0), [0, 1, 2], 2);
        Assert.That(NativeBuffers.Alive, Is.EqualTo(before));
    }

    private static int Size(int full, int small) => TSizes.Small ? small : full;

    private static void RequireSpeed()
    {
        if (TSizes.Small)
            Assert.Ignore("Statistics over many random matrices take a simulator too long; it compares entries one by one instead.");
    }

    private float[] Project(Projection projection, BlockCase block, int[] examples, int threads, int times = 1)
    {
        using IKernelBackend backend = Create(threads);
        using Uploads uploads = new(backend);
        MemoryView features = uploads.Upload(new float[(long)examples.Length * projection.Dimension]);
        GradientBlock built = block.Build(uploads, examples);
        for (int i = 0; i < times; i++) backend.Project(projection, built, features);
        return uploads.Download(features);
    }

    /// <summary>The reference, on host memory.</summary>
    private static double[] Expected(Projection projection, BlockCase block, int[] examples)
    {
        using CpuBackend host = new(Workers.Single);
        using Uploads uploads = new(host);
        double[] gradients = new double[examples.Length * block.Parameters], features = new double[examples.Length * projection.Dimension];
        fixed (double* g = gradients, f = features)
        {
            GradientMatrix.Add(block.Build(uploads, examples), block.Parameters, g);
            ReferenceProjection.Add(projection, examples.Length, block.Parameters, g, f);
        }

        return features;
    }
}
