namespace TrakFast.Kernels.Tests;

/// <summary>The contract on a CUDA device, where there is one.</summary>
internal sealed unsafe class CudaBackendTests : KernelBackendContract<FullSizes>
{
    [OneTimeSetUp]
    public void RequireADevice()
    {
        if (!CudaBackend.IsAvailable(0, out string detail)) Assert.Ignore(detail);
    }

    [Test]
    public void LongArraysComeBackAsTheyWent()
    {
        using IKernelBackend backend = Create(1);
        using Uploads uploads = new(backend);
        float[] values = TestData.Floats((5 * PinnedStaging.Half / (2 * sizeof(float))) + 77, 1);
        TestData.AssertSameBits(uploads.Download(uploads.Upload(values)), values, "copy");
    }

    [Test]
    public void SignsAreMultipliedInFloat32WhereTensorCoresAreNotWanted()
    {
        Projection projection = new(ProjectionKind.Rademacher, 513, 7, 3);
        int[] examples = [.. Enumerable.Range(0, 40)];
        float[][] features = new float[2][];
        for (int i = 0; i < 2; i++)
        {
            using IKernelBackend backend = CudaBackend.Create(0, Workers.Single, useTensorCores: i == 0);
            using Uploads uploads = new(backend);
            MemoryView sums = uploads.Upload(new float[examples.Length * projection.Dimension]);
            backend.Project(projection, BlockCase.Outer(3, 70, 90, 90, 5).Build(uploads, examples), sums);
            features[i] = uploads.Download(sums);
        }

        Assert.That(TestData.Error(features[0], [.. features[1].Select(static x => (double)x)]), Is.LessThan(5e-6));
    }

    [Test]
    public void TimesBetweenEventsAreThoseOfTheDevice()
    {
        using CudaDevice device = new(CudaLibrary.Load(), 0, 0);
        using CudaEvent start = device.CreateEvent(), end = device.CreateEvent();
        const long Bytes = 256L << 20;
        nint memory = device.Allocate(Bytes);
        start.Record();
        device.Clear(memory, Bytes);
        end.Record();
        end.Wait();
        device.Free(memory);
        Assert.That(end.MillisecondsSince(start), Is.InRange(0.01, 1000));
    }

    /// <inheritdoc/>
    protected override IKernelBackend Create(int threads) => CudaBackend.Create(0, new Workers(threads));
}
