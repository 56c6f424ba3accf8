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
