namespace TrakFast.Kernels.Tests;

/// <summary>SJLT's kernels compared with the ones that follow its definition.</summary>
internal sealed class SjltKernelTests
{
    [TestCase(1, 1, 4096 + 77)]
    [TestCase(5, 2, 4095)]
    [TestCase(130, 5, 4097)]
    [TestCase(5000, 3, 300)]
    [TestCase(9000, 1, 4096)]
    public void WrittenGradients(int k, int sparsity, int length)
    {
        DenseBlock Block(Uploads uploads) => new(2, 9, length, uploads.Upload(TestData.Floats(2L * length, 1)));
        Compare(k, sparsity, (run, uploads, features) =>
        {
            if (run.Reference) SjltLaunches.ProjectByReference(run.Device, run.Projection, Block(uploads), features);
            else SjltLaunches.Project(run.Device, run.Scratch, run.Projection, Block(uploads), features);
        });
    }

    [TestCase(1, 1, 1, 70, 60)]
    [TestCase(5, 2, 3, 5, 900)]
    [TestCase(130, 4, 17, 70, 33)]
    [TestCase(5000, 1, 33, 9, 7)]
    [TestCase(64, 1, 2, 1100, 3)]
    public void OuterProducts(int k, int sparsity, int positions, int rows, int columns)
    {
        foreach (bool alongPositions in (ReadOnlySpan<bool>)[false, true])
        {
            FactoredBlock Block(Uploads uploads)
            {
                FactoredBlock block = FactoredBlock.Of(new OuterProductBlock(
                    2, 9, columns + 2, positions, rows, columns, uploads.Upload(TestData.Floats(2L * positions * rows, 1)),
                    uploads.Upload(TestData.Floats(2L * positions * columns, 2))));
                return alongPositions
                    ? block with { LeftPosition = 1, LeftRow = positions, RightPosition = 1, RightColumn = positions }
                    : block;
            }

            Compare(k, sparsity, (run, uploads, features) =>
            {
                if (run.Reference) SjltLaunches.ProjectByReference(run.Device, run.Projection, Block(uploads), features);
                else SjltLaunches.Project(run.Device, run.Scratch, run.Projection, Block(uploads), features);
            });
        }
    }

    [TestCase(1, 1, 3, 350)]
    [TestCase(5, 3, 40, 52)]
    [TestCase(130, 5, 7, 1)]
    [TestCase(5000, 2, 5, 205)]
    public void Rows(int k, int sparsity, int positions, int length)
    {
        RowsBlock Block(Uploads uploads) => new(
            2, 9, length, positions, uploads.Longs([0, 1], positions, Math.Max(2, positions / 2), 6),
            uploads.Upload(TestData.Floats(2L * positions * length, 1)));
        Compare(k, sparsity, (run, uploads, features) =>
        {
            if (run.Reference) SjltLaunches.ProjectByReference(run.Device, run.Projection, Block(uploads), features);
            else SjltLaunches.Project(run.Device, run.Scratch, run.Projection, Block(uploads), features);
        });
    }

    [Test]
    public void SpansAndBatchesThatTheScratchForcesChangeNoBits()
    {
        // Four spans; with little scratch each is ordered by itself, and examples come one by one.
        const int K = 6, Length = (16 * 4096) + 77;
        Assert.That(SjltCut.Of(17, 4096, 0, K).Spans, Is.GreaterThan(2));
        float[] values = TestData.Floats(3L * Length, 1);
        float[] whole = Project(1L << 28, [.. values]),
            cut = Project(1000, [.. values]),
            alone = Project(1L << 28, values[Length..(2 * Length)]);
        TestData.AssertSameBits(cut, whole, "little scratch");
        TestData.AssertSameBits(alone, whole.AsSpan(K, K), "an example alone");
        double[] expected = new double[K];
        for (int c = 0; c < Length; c++)
        {
            (int bucket, float sign) = RandomEntries.Sjlt(7, 3, 5 + c, 0, K);
            expected[bucket] += sign * (double)values[c];
        }

        Assert.That(TestData.Error(whole.AsSpan(0, K), expected), Is.LessThan(5e-6));

        static float[] Project(long budget, float[] values)
        {
            using IlgpuDevice device = new();
            using DeviceScratch scratch = new(device, budget);
            using DeviceBackend backend = new(device, Workers.Single);
            using Uploads uploads = new(backend);
            int batch = values.Length / Length;
            MemoryView features = uploads.Upload(new float[batch * K]);
            SjltLaunches.Project(
                device, scratch, new Projection(ProjectionKind.Sjlt, K, 7, 3),
                new DenseBlock(batch, 5, Length, uploads.Upload(values)), features);
            return uploads.Download(features);
        }
    }

    [Test]
    public void SpansOfRowsAreCutByTheirShapeAlone()
    {
        const int K = 5, Positions = 66, RowLength = 500;
        Assert.That(SjltCut.Of(((Positions * RowLength) + 1023) / 1024, 1024, 0, K).Spans, Is.GreaterThan(1));
        BlockCase block = BlockCase.Rows(Positions, RowLength, 30, 3);
        float[] whole = Project([0, 1], 1L << 28), single = Project([1], 1L << 28);
        TestData.AssertSameBits(Project([0, 1], 10), whole, "little scratch");
        TestData.AssertSameBits(single, whole.AsSpan(K, K), "an example alone");
        using CpuBackend host = new(Workers.Single);
        using Uploads hostUploads = new(host);
        MemoryView expected = hostUploads.Upload(new float[2 * K]);
        host.Project(new Projection(ProjectionKind.Sjlt, K, 7, 3), block.Build(hostUploads, [0, 1]), expected);
        Assert.That(TestData.Error(whole, [.. hostUploads.Download(expected).Select(static x => (double)x)]), Is.LessThan(1e-5));

        float[] Project(int[] examples, long budget)
        {
            using IlgpuDevice device = new();
            using DeviceScratch scratch = new(device, budget);
            using DeviceBackend backend = new(device, Workers.Single);
            using Uploads uploads = new(backend);
            MemoryView features = uploads.Upload(new float[examples.Length * K]);
            SjltLaunches.Project(
                device, scratch, new Projection(ProjectionKind.Sjlt, K, 7, 3), (RowsBlock)block.Build(uploads, examples), features);
            return uploads.Download(features);
        }
    }

    private static void Compare(int k, int sparsity, Action<Run, Uploads, MemoryView> project)
    {
        float[] reference = Project(true), features = Project(false);
        Assert.That(TestData.Error(features, [.. reference.Select(static x => (double)x)]), Is.LessThan(k == 1 ? 2e-5 : 5e-6));

        float[] Project(bool byReference)
        {
            using IlgpuDevice device = new();
            using DeviceScratch scratch = new(device);
            using DeviceBackend backend = new(device, Workers.Single);
            using Uploads uploads = new(backend);
            MemoryView features = uploads.Upload(TestData.Floats(2 * k, 8));
            project(new Run(device, scratch, new Projection(ProjectionKind.Sjlt, k, 7, 3, sparsity), byReference), uploads, features);
            return uploads.Download(features);
        }
    }

    private sealed record Run(IDevice Device, DeviceScratch Scratch, Projection Projection, bool Reference);
}
