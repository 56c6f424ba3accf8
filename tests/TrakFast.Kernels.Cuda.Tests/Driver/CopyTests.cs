namespace TrakFast.Kernels.Tests;

/// <summary>Copies through pinned memory, by a driver that does them later.</summary>
internal sealed unsafe class CopyTests
{
    private const int HalfFloats = (int)(PinnedStaging.Half / sizeof(float));

    [TestCase(1)]
    [TestCase(HalfFloats)]
    [TestCase(HalfFloats + 1)]
    [TestCase((5 * HalfFloats / 2) + 77)]
    public void ArraysComeBackAsTheyWent(int length)
    {
        using FakeDriver driver = new();
        using DeviceBackend backend = new(new CudaDevice(driver.Functions, 0, 0), Workers.Single);
        using Uploads uploads = new(backend);
        float[] values = [.. Enumerable.Range(0, length).Select(static i => i * 0.37f)];
        MemoryView there = uploads.Upload(values), copy = uploads.Upload(new float[length]);
        backend.Copy(there, copy);
        TestData.AssertSameBits(uploads.Download(copy), values, "copy");
    }

    [Test]
    public void TheHostMayChangeWhatItUploaded()
    {
        // More than both halves, in pieces of odd length, while the device has done nothing yet.
        const int Piece = 300_001, Pieces = 20;
        using FakeDriver driver = new();
        using DeviceBackend backend = new(new CudaDevice(driver.Functions, 0, 0), Workers.Single);
        using IBackendBuffer buffer = backend.Allocate(ElementType.Float32, Piece * Pieces);
        float[] host = new float[Piece];
        fixed (float* values = host)
        {
            for (int i = 0; i < Pieces; i++)
            {
                host.AsSpan().Fill(i + 1);
                backend.Copy(MemoryView.Of(values, Piece), buffer.View.Slice((long)i * Piece, Piece));
            }

            host.AsSpan().Fill(-1);
        }

        using Uploads uploads = new(backend);
        float[] there = uploads.Download(buffer.View);
        for (int i = 0; i < Pieces; i++) Assert.That(there.AsSpan(i * Piece, Piece).IndexOfAnyExcept(i + 1f), Is.EqualTo(-1), $"piece {i}");
    }

    [Test]
    public void SmallUploadsDoNotWaitForTheDevice()
    {
        using FakeDriver driver = new();
        using DeviceBackend backend = new(new CudaDevice(driver.Functions, 0, 0), Workers.Single);
        using Uploads uploads = new(backend);
        for (int i = 0; i < 50; i++) uploads.Upload(new float[1000]);
        Assert.That(driver.Calls, Does.Not.Contain("cuEventSynchronize").And.Not.Contain("cuStreamSynchronize"));
    }

    [Test]
    public void MemoryOfTheHostIsCopiedWithoutTheDevice()
    {
        using FakeDriver driver = new();
        using CudaDevice device = new(driver.Functions, 0, 0);
        float[] from = [1, 2, 3], to = new float[3];
        fixed (float* source = from, target = to) device.Copy(MemoryView.Of(source, 3), MemoryView.Of(target, 3));
        Assert.That(to, Is.EqualTo(from));
        Assert.That(driver.Streams, Is.Empty);
    }

    [Test]
    public void AllocatedMemoryIsZero()
    {
        using FakeDriver driver = new();
        using DeviceBackend backend = new(new CudaDevice(driver.Functions, 0, 0), Workers.Single);
        using Uploads uploads = new(backend);
        using IBackendBuffer buffer = backend.Allocate(ElementType.Float32, 1001);
        Assert.That(uploads.Download(buffer.View), Is.All.Zero);
    }

    [Test]
    public void MemoryOfAnotherDeviceIsRefused()
    {
        using FakeDriver driver = new();
        using CudaDevice device = new(driver.Functions, 0, 0);
        MemoryView other = new(1, 1, ElementType.Float32, new MemorySpace(MemoryKind.Cuda, 1)), here = other with { Space = device.Space };
        Assert.That(
            () => device.Copy(other, here), Throws.ArgumentException.With.Message.EqualTo("Memory on cuda:1 cannot be copied by cuda:0."));
    }
}
