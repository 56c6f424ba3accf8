namespace TrakFast.Kernels.Tests;

/// <summary>What a launch hands to the driver.</summary>
internal sealed class LaunchTests
{
    [Test]
    public void ParametersAreLaidOutAsKernelsReadThem()
    {
        using FakeDriver driver = new() { ParameterBytes = [16, 16, 16, 16, 16, 4, 4, 8, 4] };
        using (CudaDevice device = new(driver.Functions, 0, 0))
        {
            DeviceKernel kernel = new(PartialSums.Kernels[0].Name, 192, [
                ArgumentKind.Floats, ArgumentKind.Doubles, ArgumentKind.Ints, ArgumentKind.UShorts, ArgumentKind.Longs, ArgumentKind.Int32,
                ArgumentKind.Int32, ArgumentKind.Int64, ArgumentKind.Float32]);
            device.Launch(
                kernel, new Grid3(3_000_000_000 / 2, 5, 65535), View(ElementType.Float32, 0x1122334455667788, 10),
                View(ElementType.Float64, 1, 1L << 40), View(ElementType.Int32, 2, 3), View(ElementType.Float16, 4, 5),
                View(ElementType.Int64, 6, 0), -7, 0xFFFFFFFE, -(1L << 33), 1.5f);
        }

        FakeLaunch launch = driver.Launches.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(launch.Grid, Is.EqualTo((1_500_000_000u, 5u, 65535u)));
            Assert.That(launch.Block, Is.EqualTo((192u, 1u, 1u)));
            Assert.That(launch.SharedBytes, Is.Zero);
            Assert.That(launch.Parameters.Select(Convert.ToHexString), Is.EqualTo(new[]
            {
                "8877665544332211" + "0A00000000000000",
                "0100000000000000" + "0000000000010000",
                "0200000000000000" + "0300000000000000",
                "0400000000000000" + "0500000000000000",
                "0600000000000000" + "0000000000000000",
                "F9FFFFFF", "FEFFFFFF", "00000000FEFFFFFF", "0000C03F",
            }));
        }
    }

    [Test]
    public void AKernelIsLoadedOnceAndFoundByItsEntry()
    {
        using FakeDriver driver = new();
        using (CudaDevice device = new(driver.Functions, 0, 0))
        {
            for (int i = 0; i < 3; i++)
                PartialSums.AddTo(device, View(ElementType.Float32, 1, 2000), View(ElementType.Float32, 2, 1000), 2);
        }

        Assert.That(driver.Calls.Count(static call => call == "cuModuleLoadDataEx"), Is.EqualTo(1));
        Assert.That(
            driver.Launches.Select(static launch => (launch.Entry, launch.Grid.X)),
            Is.EqualTo(Enumerable.Repeat((PtxLibrary.Shipped.Read("AddParts").Entry, 4u), 3)));
    }

    [Test]
    public void DynamicSharedMemoryIsAskedForAndPassed()
    {
        const int Bytes = 100 << 10;
        using FakeDriver driver = new();
        using (CudaDevice device = new(driver.Functions, 0, 0))
            device.Launch(
                PartialSums.Kernels[0] with { SharedBytes = Bytes }, new Grid3(1),
                View(ElementType.Float32, 1, 1), View(ElementType.Float32, 2, 1), 1);
        Assert.That(driver.AllowedSharedBytes, Is.EqualTo(new[] { Bytes }));
        Assert.That(driver.Launches.Single().SharedBytes, Is.EqualTo((uint)Bytes));
    }

    [Test]
    public void WorkGoesToTheStreamThatWasGiven()
    {
        const nint Stream = 4711;
        using FakeDriver driver = new();
        using (DeviceBackend backend = new(new CudaDevice(driver.Functions, 0, Stream), Workers.Single))
        using (Uploads uploads = new(backend))
            _ = uploads.Download(uploads.Upload([1, 2, 3]));
        Assert.That(driver.Streams, Is.EqualTo(new[] { Stream }));
    }

    [TestCase(0, 1, 1)]
    [TestCase(1, 0, 1)]
    [TestCase(1, 1, 0)]
    public void NothingIsLaunchedWithoutGroups(int x, int y, int z)
    {
        using FakeDriver driver = new();
        using (CudaDevice device = new(driver.Functions, 0, 0))
            device.Launch(PartialSums.Kernels[0], new Grid3(x, y, z), View(ElementType.Float32, 1, 1), View(ElementType.Float32, 2, 1), 1);
        Assert.That(driver.Launches, Is.Empty);
    }

    [TestCase(1L << 31, 1, 1)]
    [TestCase(1, 65536, 1)]
    [TestCase(1, 1, 65536)]
    [TestCase(-1, 1, 1)]
    public void MoreGroupsThanTheDeviceTakesAreRefused(long x, long y, long z)
    {
        using FakeDriver driver = new();
        using CudaDevice device = new(driver.Functions, 0, 0);
        Assert.That(
            () => device.Launch(
                PartialSums.Kernels[0], new Grid3(x, y, z), View(ElementType.Float32, 1, 1), View(ElementType.Float32, 2, 1), 1),
            Throws.InstanceOf<ArgumentOutOfRangeException>()
                .With.Message.Contains($"AddParts cannot be launched in {x} × {y} × {z} groups"));
    }

    [Test]
    public void ArgumentsOfAnotherKindAreRefused()
    {
        using FakeDriver driver = new();
        using CudaDevice device = new(driver.Functions, 0, 0);
        Assert.That(
            () => device.Launch(PartialSums.Kernels[0], new Grid3(1), View(ElementType.Float32, 1, 1), View(ElementType.Float32, 2, 1), 1L),
            Throws.ArgumentException.With.Message.EqualTo("Argument 2 of kernel AddParts is Int64, not Int32."));
    }

    private static MemoryView View(ElementType type, long pointer, long length) =>
        new((nint)pointer, length, type, new MemorySpace(MemoryKind.Cuda));
}
