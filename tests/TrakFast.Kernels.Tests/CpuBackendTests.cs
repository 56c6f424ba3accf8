namespace TrakFast.Kernels.Tests;

/// <summary>The contract on the CPU, and what only the CPU backend has.</summary>
internal sealed unsafe class CpuBackendTests : KernelBackendContract<FullSizes>
{
    [Test]
    public void TheNameSaysInstructionsAndThreads()
    {
        using CpuBackend backend = new(new Workers(2));
        Assert.That(backend.Name, Does.Match(@"^cpu \(.+, 2 threads\)$"));
    }

    [Test]
    public void ASecondCallAllocatesNoNativeMemory([Values] ProjectionKind kind)
    {
        using CpuBackend backend = new(Workers.Single);
        using Uploads uploads = new(backend);
        GradientBlock block = BlockCase.Outer(3, 20, 30, 30, 0).Build(uploads, [0, 1, 2]);
        Projection projection = new(kind, 601, 1, 1);
        MemoryView features = uploads.Upload(new float[3 * 601]);
        backend.Project(projection, block, features);
        long before = NativeBuffers.Alive;
        backend.Project(projection, block, features);
        Assert.That(NativeBuffers.Alive, Is.EqualTo(before));
    }

    [Test]
    public void MemoryThatDoesNotFitTheShapeIsRefusedWithBothNumbers()
    {
        using CpuBackend backend = new(Workers.Single);
        using Uploads uploads = new(backend);
        DenseBlock block = new(2, 0, 5, uploads.Upload(new float[9]));
        MemoryView features = uploads.Upload(new float[8]);
        Assert.That(
            () => backend.Project(new Projection(ProjectionKind.Sjlt, 4, 0, 0), block, features),
            Throws.ArgumentException.With.Message.Contains("9").And.Message.Contains("10"));
        Assert.That(() => backend.Project(new Projection(ProjectionKind.Sjlt, 5, 0, 0), block, features), Throws.ArgumentException);
    }

    [Test]
    public void GradientSumIsTheSumOfTheMatrix([ValueSource(nameof(Blocks))] BlockCase block)
    {
        using CpuBackend backend = new(Workers.Single);
        using Uploads uploads = new(backend);
        const int Batch = 9;
        GradientBlock built = block.Build(uploads, [.. Enumerable.Range(0, Batch)]);
        float[] sum = TestData.Floats(block.Parameters, 9), again = [.. sum];
        double[] matrix = new double[Batch * block.Parameters], expected = [.. sum];
        fixed (double* m = matrix) GradientMatrix.Add(built, block.Parameters, m);
        for (long i = 0; i < matrix.Length; i++) expected[i % block.Parameters] += matrix[i];
        fixed (float* s = sum, a = again)
        {
            GradientSum.Add(new Workers(2), built, s);
            GradientSum.Add(Workers.Single, built, a);
        }

        Assert.That(TestData.Error(sum, expected), Is.LessThan(3e-6));
        TestData.AssertSameBits(again, sum, "threads");
    }

    /// <inheritdoc/>
    protected override IKernelBackend Create(int threads) => new CpuBackend(new Workers(threads));
}
