namespace TrakFast.Kernels.Tests;

/// <summary>Dense projections: the version on tensor cores, the float32 one and the reference.</summary>
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
        Compare(k, batch, length, uploads => new DenseBlock(batch, 7, length, uploads.Upload(values)));
    }

    private static void Compare(int k, int batch, long parameters, Func<Uploads, GradientBlock> build)
    {
        foreach (ProjectionKind kind in (ReadOnlySpan<ProjectionKind>)[ProjectionKind.Rademacher, ProjectionKind.Gaussian])
        {
            float[] reference = Project(kind, k, batch, build, DenseMethod.Reference);
            double[] expected = [.. reference.Select(static x => (double)x)];
            Assert.That(TestData.Error(Project(kind, k, batch, build, DenseMethod.Float32), expected), Is.LessThan(1e-6), $"{kind} in float32");
            if (kind == ProjectionKind.Rademacher) Assert.That(TestData.Error(Project(kind, k, batch, build, DenseMethod.TensorCores), expected), Is.LessThan(2e-6), $"{kind} on tensor cores");
        }
    }

    private static float[] Project(ProjectionKind kind, int k, int batch, Func<Uploads, GradientBlock> build, DenseMethod method)
    {
        using DeviceBackend backend = new(new IlgpuDevice(), Workers.Single, method);
        using Uploads uploads = new(backend);
        MemoryView features = uploads.Upload(TestData.Floats(batch * k, 9));
        backend.Project(new Projection(kind, k, 7, 3), build(uploads), features);
        return uploads.Download(features);
    }
}
