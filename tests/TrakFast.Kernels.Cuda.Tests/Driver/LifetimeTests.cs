namespace TrakFast.Kernels.Tests;

/// <summary>What is taken from the driver is given back, once, and contexts are left as they were.</summary>
internal sealed class LifetimeTests
{
    [Test]
    public void EverythingIsGivenBack()
    {
        using FakeDriver driver = new();
        using (CudaDevice device = new(driver.Functions, 0, 0))
        using (DeviceBackend backend = new(device, Workers.Single))
        {
            using Uploads uploads = new(backend);
            using DeviceScratch scratch = new(device);
            using CudaEvent start = device.CreateEvent();
            using (DeviceScratch.Lease lease = scratch.Rent(ElementType.Float32, 50))
                PartialSums.AddTo(device, lease.View, uploads.Upload(new float[50]), 1);
            backend.Synchronize();
            Assert.That(driver.Alive, Is.EqualTo((2, 1, 1, 3)));
        }

        Assert.That(driver.Alive, Is.EqualTo((0, 0, 0, 0)));
        Assert.That(driver.Retained, Is.Zero);
        Assert.That(driver.Contexts, Is.Empty);
        Assert.That(driver.Calls[^1], Is.EqualTo("cuDevicePrimaryCtxRelease"));
        Assert.That(driver.Calls.Count(static call => call == "cuDevicePrimaryCtxRetain"), Is.EqualTo(1));
    }

    [Test]
    public void ABufferMayOutliveItsBackend()
    {
        using FakeDriver driver = new();
        DeviceBackend backend = new(new CudaDevice(driver.Functions, 0, 0), Workers.Single);
        IBackendBuffer buffer = backend.Allocate(ElementType.Float32, 10);
        backend.Dispose();
        backend.Dispose();
        Assert.That(driver.Retained, Is.EqualTo(1));
        buffer.Dispose();
        buffer.Dispose();
        Assert.That((driver.Alive.Memory, driver.Retained), Is.EqualTo((0, 0)));
    }

    [Test]
    public void AnEventMayOutliveItsDevice()
    {
        using FakeDriver driver = new();
        CudaDevice device = new(driver.Functions, 0, 0);
        CudaEvent made = device.CreateEvent();
        device.Dispose();
        Assert.That(driver.Retained, Is.EqualTo(1));
        made.Dispose();
        Assert.That((driver.Alive.Events, driver.Retained), Is.EqualTo((0, 0)));
    }

    [Test]
    public void ADisposedDeviceSaysSo()
    {
        using FakeDriver driver = new();
        CudaDevice device = new(driver.Functions, 0, 0);
        device.Dispose();
        Assert.That(() => device.Allocate(1), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => device.Synchronize(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void AnyThreadMayCallAndKeepsItsContext()
    {
        const nint Other = 5;
        using FakeDriver driver = new();
        using CudaDevice device = new(driver.Functions, 0, 0);
        using DeviceBackend backend = new(device, Workers.Single);
        nint[] after = [];
        Thread thread = new(() =>
        {
            driver.Contexts.Push(Other);
            using (Uploads uploads = new(backend)) _ = uploads.Download(uploads.Upload(new float[100]));
            after = [.. driver.Contexts];
        });
        thread.Start();
        thread.Join();
        Assert.That(after, Is.EqualTo(new[] { Other }));
        Assert.That(driver.Contexts, Is.Empty);
    }

    [TestCase("cuMemAlloc")]
    [TestCase("cuLaunchKernel")]
    [TestCase("cuModuleGetFunction")]
    [TestCase("cuMemHostAlloc")]
    [TestCase("cuEventCreate")]
    [TestCase("cuEventCreate", 1)]
    [TestCase("cuMemcpyHtoDAsync")]
    [TestCase("cuMemcpyHtoDAsync", 1)]
    public void AFailureLeavesNothingBehind(string function, int after = 0)
    {
        using FakeDriver driver = new();
        using (CudaDevice device = new(driver.Functions, 0, 0))
        using (DeviceBackend backend = new(device, Workers.Single))
        using (Uploads uploads = new(backend))
        {
            driver.Fail(function, 1, after);
            Assert.That(
                () => PartialSums.AddTo(device, uploads.Upload(new float[5]), uploads.Upload(new float[5]), 1),
                Throws.InstanceOf<CudaException>().With.Message.StartsWith("CUDA_ERROR_INVALID_VALUE (invalid argument) while "));
            Assert.That(driver.Contexts, Is.Empty);
        }

        Assert.That(driver.Alive, Is.EqualTo((0, 0, 0, 0)));
        Assert.That(driver.Retained, Is.Zero);
    }

    [Test]
    public void EventsTellTheTimeBetweenThem()
    {
        using FakeDriver driver = new();
        using CudaDevice device = new(driver.Functions, 0, 0);
        using CudaEvent start = device.CreateEvent(), end = device.CreateEvent();
        nint memory = device.Allocate(8);
        start.Record();
        for (int i = 0; i < 4; i++) device.Clear(memory, 8);
        end.Record();
        end.Wait();
        device.Free(memory);
        Assert.That(end.MillisecondsSince(start), Is.EqualTo(5));
    }
}
