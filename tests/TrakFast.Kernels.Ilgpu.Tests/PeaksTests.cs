namespace TrakFast.Kernels.Tests;

/// <summary>The chains that measure peaks do the operations that they are counted for.</summary>
internal sealed class PeaksTests
{
    [Test]
    public void ChainsOfFmas()
    {
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView sums = uploads.Upload(new float[256]);
        Assert.That(PeakLaunches.Fma(device, sums, 3), Is.EqualTo(2 * 8 * 3 * 256));

        // x ← x/2 + 1/2 three times over starts i to i + 7.
        float[] expected = [.. Enumerable.Range(0, 256).Select(static i => (((8 * i) + 28) / 8f) + 7)];
        Assert.That(uploads.Download(sums), Is.EqualTo(expected));
    }

    [Test]
    public void ChainsOfProductsOnTensorCores()
    {
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView sums = uploads.Upload(new float[256]);
        Assert.That(PeakLaunches.Bf16(device, sums, 1), Is.EqualTo(2 * 8 * 3 * 16 * 16 * 8 * 8));
        Assert.That(uploads.Download(sums), Is.All.Not.NaN.And.All.Not.Zero);
        Assert.That(PeakLaunches.Tf32(device, sums, 1), Is.EqualTo(2 * 8 * 3 * 16 * 8 * 8 * 8));
        Assert.That(uploads.Download(sums), Is.All.Not.NaN.And.All.Not.Zero);
    }
}
