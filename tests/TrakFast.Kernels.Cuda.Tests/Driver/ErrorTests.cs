namespace TrakFast.Kernels.Tests;

/// <summary>What people read when a call fails.</summary>
internal sealed class ErrorTests
{
    [Test]
    public void TooLargeAnAllocationSaysWhatIsFree()
    {
        using FakeDriver driver = new() { Devices = [new FakeDevice("Fake H100", 2000L << 20)] };
        using CudaDevice device = new(driver.Functions, 0, 0);
        CudaException? error = Assert.Throws<CudaException>(() => device.Allocate(2001L << 20));
        Assert.That(error!.Message, Is.EqualTo(
            "CUDA_ERROR_OUT_OF_MEMORY (out of memory) while allocating 2,001 MiB on Fake H100, where 2,000 MiB of 2,000 MiB are free."));
        Assert.That(error.Name, Is.EqualTo("CUDA_ERROR_OUT_OF_MEMORY"));
    }

    [Test]
    public void AKernelThatFailedIsReportedByWhoeverWaits()
    {
        using FakeDriver driver = new();
        CudaDevice device = new(driver.Functions, 0, 0);
        driver.Fail("cuStreamSynchronize", 700);
        Assert.That(() => device.Synchronize(), Throws.InstanceOf<CudaException>().With.Message.EqualTo(
            "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered) while waiting for work on Fake GPU."));
        Assert.That(() => device.Dispose(), Throws.InstanceOf<CudaException>());
        Assert.That(driver.Retained, Is.Zero);
    }

    [Test]
    public void ALaunchThatFailsNamesTheKernel()
    {
        using FakeDriver driver = new();
        using CudaDevice device = new(driver.Functions, 0, 0);
        driver.Fail("cuLaunchKernel", 701);
        MemoryView view = new(1, 1, ElementType.Float32, device.Space);
        Assert.That(
            () => PartialSums.AddTo(device, view, view, 1),
            Throws.InstanceOf<CudaException>().With.Message.EqualTo(
                "CUDA error 701 (an error that the driver has no text for) while launching kernel AddParts "
                + "in 1 × 1 × 1 groups of 256 threads on Fake GPU."));
    }

    [Test]
    public void MemoryThatIsNotThereCannotBeFreed()
    {
        using FakeDriver driver = new();
        using CudaDevice device = new(driver.Functions, 0, 0);
        Assert.That(() => device.Free(12345), Throws.InstanceOf<CudaException>().With.Message.EqualTo(
            "CUDA_ERROR_INVALID_VALUE (invalid argument) while freeing memory on Fake GPU."));
    }
}
