namespace TrakFast.Kernels.Tests;

/// <summary>Whether the backend can be used, and the sentence that says why not.</summary>
internal sealed class AvailabilityTests
{
    [Test]
    public void ADeviceThatTakesEveryKernelIsAvailable()
    {
        using FakeDriver driver = new() { Devices = [new FakeDevice("Fake H100", (80L << 30) - (1L << 29))] };
        Assert.That(CudaBackend.IsAvailable(() => driver.Functions, 0, out string detail));
        Assert.That(detail, Is.EqualTo("Fake H100, 79.5 GiB, compute capability 9.0, driver for CUDA 12.4"));
        Assert.That(
            driver.Calls.Count(static call => call == "cuModuleGetFunction"),
            Is.EqualTo(DeviceKernel.All.Count(static kernel => kernel.Ships)));
        Assert.That((driver.Alive, driver.Retained), Is.EqualTo(((0, 0, 0, 0), 0)));
    }

    [Test]
    public void WithoutADriverNothingIsAvailable()
    {
        const string Absent = "libcuda-that-is-not-there.so.1";
        Assert.That(CudaBackend.IsAvailable(static () => CudaLibrary.Load(Absent), 0, out string detail), Is.False);
        Assert.That(detail, Is.EqualTo($"No NVIDIA driver is installed: {Absent} cannot be loaded."));
    }

    [Test]
    public void ADriverWithoutDevicesSaysSo()
    {
        using FakeDriver none = new() { Devices = [] };
        Assert.That(Why(none), Is.EqualTo("The NVIDIA driver finds no device."));
        using FakeDriver refuses = new();
        refuses.Fail("cuInit", (int)CudaResult.NoDevice);
        Assert.That(Why(refuses), Is.EqualTo("The NVIDIA driver finds no device."));
    }

    [Test]
    public void ADeviceThatIsNotThereIsNamed()
    {
        using FakeDriver driver = new() { Devices = [new(), new()] };
        Assert.That(Why(driver, 2), Is.EqualTo("There is no device cuda:2: the NVIDIA driver finds 2 devices, counted from 0."));
    }

    [Test]
    public void AnOldDeviceIsRefused()
    {
        using FakeDriver driver = new() { Devices = [new FakeDevice("Fake T4", Major: 7, Minor: 5)] };
        Assert.That(Why(driver), Is.EqualTo("Fake T4 has compute capability 7.5; the kernels need 8.0 or later."));
    }

    [Test]
    public void AnOldDriverIsRefused()
    {
        using FakeDriver driver = new() { Version = 11080 };
        Assert.That(Why(driver), Is.EqualTo("The NVIDIA driver is for CUDA 11.8; the kernels need a driver for CUDA 12.0 or later."));
    }

    [Test]
    public void ADriverThatDoesNotStartSaysWhy()
    {
        using FakeDriver driver = new();
        driver.Fail("cuInit", 101);
        Assert.That(Why(driver), Is.EqualTo("CUDA_ERROR_INVALID_DEVICE (invalid device ordinal) while starting the NVIDIA driver."));
    }

    [Test]
    public void AKernelThatIsRefusedSaysWhy()
    {
        using FakeDriver driver = new() { Log = "ptxas fatal: no such thing\n" };
        driver.Fail("cuModuleLoadDataEx", 218);
        Assert.That(
            Why(driver),
            Is.EqualTo(
                $"CUDA_ERROR_INVALID_PTX (a PTX JIT compilation failed) while loading kernel {DeviceKernel.All[0].Name} on Fake GPU, "
                + "which says: ptxas fatal: no such thing."));
        Assert.That((driver.Alive, driver.Retained), Is.EqualTo(((0, 0, 0, 0), 0)));
    }

    private static string Why(FakeDriver driver, int ordinal = 0)
    {
        Assert.That(CudaBackend.IsAvailable(() => driver.Functions, ordinal, out string detail), Is.False);
        return detail;
    }
}
