namespace TrakFast.Kernels.Tests;

/// <summary>
/// Dense projections: signs on tensor cores and everything in float32 against the reference,
/// and the reference against the definition.
/// </summary>
internal sealed class DenseProjectionKernelTests
{
    [TestCase(1, 1, 1)]
    [TestCase(3, 70, 5)]
    [TestCase(33, 129, 33)]
    [TestCase(5, 64, 130)]
    [TestCase(17, 65, 513)]
    public void WrittenGradients(int batch, int length, int k)
    {
        float[] values = TestData.Floats(batch * length, 1);
        Compare(k, batch, uploads => new DenseBlock(batch, 7, length, uploads.Upload(values)));
    }

    [TestCase(1, 1, 1, 1, 1)]
    [TestCase(3, 1, 7, 13, 5)]
    [TestCase(33, 3, 5, 9, 33)]
    [TestCase(2, 3, 13, 17, 130)]
    [TestCase(18, 1, 3, 41, 513)]
    public void Products(int batch, int positions, int rows, int columns, int k)
    {
        float[] left = TestData.Floats(batch * positions * rows, 1), right = TestData.Floats(batch * positions * columns, 2);
        Compare(k, batch, uploads =>
            new OuterProductBlock(batch, 11, columns + 3, positions, rows, columns, uploads.Upload(left), uploads.Upload(right)));
    }

    [TestCase(1, 1, 1, 1)]
    [TestCase(3, 5, 7, 130)]
    [TestCase(2, 3, 90, 33)]
    public void Tables(int batch, int positions, int length, int k)
    {
        float[] values = TestData.Floats(batch * positions * length, 1);
        Compare(k, batch, uploads => new RowsBlock(
            batch, 5, length, positions, uploads.Longs([.. Enumerable.Range(0, batch)], positions, 4, 3), uploads.Upload(values)));
    }

    [Test]
    public void PositionsMayLieSideBySide([Values(DeviceArithmetic.TensorCores, DeviceArithmetic.Float32)] DeviceArithmetic method)
    {
        // The left factor as a convolution has it, [B, rows, positions], and the same numbers as a linear layer has them.
        const int Batch = 3, Positions = 5, Rows = 6, Columns = 4, K = 40;
        float[] left = TestData.Floats(Batch * Positions * Rows, 1),
            right = TestData.Floats(Batch * Positions * Columns, 2),
            turned = new float[left.Length];
        for (int i = 0; i < left.Length; i++)
            turned[(i / (Positions * Rows) * Positions * Rows) + (i % Rows * Positions) + (i / Rows % Positions)] = left[i];
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        using DeviceScratch scratch = new(device);
        FactoredBlock block = FactoredBlock.Of(
            new OuterProductBlock(Batch, 3, Columns, Positions, Rows, Columns, uploads.Upload(left), uploads.Upload(right)));
        MemoryView first = uploads.Upload(new float[Batch * K]), second = uploads.Upload(new float[Batch * K]);
        DenseLaunches.Project(device, scratch, new Projection(ProjectionKind.Rademacher, K, 7, 3), block, first, method);
        DenseLaunches.Project(
            device, scratch, new Projection(ProjectionKind.Rademacher, K, 7, 3),
            block with { Left = uploads.Upload(turned), LeftPosition = 1, LeftRow = Positions }, second, method);
        TestData.AssertSameBits(uploads.Download(second), uploads.Download(first), "positions side by side");
    }

    [Test]
    public void FactorsOfAKroneckerProjection([Values] DeviceArithmetic method)
    {
        const int Examples = 2, Positions = 9, Length = 50;
        const long Parameter = (1L << 32) - 20, First = 4;
        Projection projection = new(ProjectionKind.Kronecker, 300, 7, 3);
        int size = projection.FactorDimension;
        float[] values = TestData.Floats(Examples * Positions * Length, 1);
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        using DeviceScratch scratch = new(device);
        MemoryView target = uploads.Upload(TestData.Floats(Examples * Positions * size, 2));
        StridedRows rows = new(uploads.Upload(values), Examples, Positions, Length, Positions * Length, 1, Positions);
        DenseLaunches.ProjectFactor(device, scratch, projection, RandomEntries.KroneckerRowStream, Parameter + First, rows, target, method);
        double[] expected = new double[target.Length];
        for (int row = 0; row < Examples * Positions; row++)
        {
            for (int e = 0; e < Length; e++)
            {
                double value = values[(row / Positions * Positions * Length) + (e * Positions) + (row % Positions)];
                for (int i = 0; i < size; i++)
                    expected[(row * size) + i] +=
                        value * RandomEntries.Kronecker(7, 3, Parameter, First + e, i, RandomEntries.KroneckerRowStream);
            }
        }

        Assert.That(TestData.Error(uploads.Download(target), expected), Is.LessThan(1e-6));
    }

    [Test]
    public void PartsAreAdded()
    {
        const int Length = 4096 + 300, K = 5;
        float[] values = TestData.Floats(Length, 1);
        double[] gradient = [.. values.Select(static x => (double)x)], expected = new double[K];
        Projection projection = new(ProjectionKind.Rademacher, K, 7, 3);
        unsafe
        {
            fixed (double* g = gradient, f = expected) ReferenceProjection.Add(projection, 1, Length, g, f);
        }

        using DeviceBackend backend = new(new IlgpuDevice(), Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView features = uploads.Upload(new float[K]);
        backend.Project(projection, new DenseBlock(1, 0, Length, uploads.Upload(values)), features);
        Assert.That(TestData.Error(uploads.Download(features), expected), Is.LessThan(2e-6));
    }

    private static void Compare(int k, int batch, Func<Uploads, GradientBlock> build)
    {
        foreach (ProjectionKind kind in (ReadOnlySpan<ProjectionKind>)[ProjectionKind.Rademacher, ProjectionKind.Gaussian])
        {
            double[] expected = [.. Project(kind, k, batch, build, DeviceArithmetic.Reference).Select(static x => (double)x)];
            Assert.That(
                TestData.Error(Project(kind, k, batch, build, DeviceArithmetic.Float32), expected),
                Is.LessThan(2e-6), $"{kind} in float32");
            if (kind == ProjectionKind.Rademacher)
                Assert.That(
                    TestData.Error(Project(kind, k, batch, build, DeviceArithmetic.TensorCores), expected),
                    Is.LessThan(2e-6), "on tensor cores");
        }
    }

    private static float[] Project(ProjectionKind kind, int k, int batch, Func<Uploads, GradientBlock> build, DeviceArithmetic method)
    {
        using DeviceBackend backend = new(new IlgpuDevice(), Workers.Single, method);
        using Uploads uploads = new(backend);
        MemoryView features = uploads.Upload(TestData.Floats(batch * k, 9));
        backend.Project(new Projection(kind, k, 7, 3), build(uploads), features);
        return uploads.Download(features);
    }
}
