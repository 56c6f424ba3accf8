namespace TrakFast.Kernels.Tests;

/// <summary>Parts added to features.</summary>
internal sealed class PartialSumsTests
{
    [TestCase(1, 1)]
    [TestCase(3, 300)]
    [TestCase(0, 5)]
    public void PartsAreAddedInTheirOrder(int count, int length)
    {
        float[] parts = TestData.Floats(count * length, 1), features = TestData.Floats(length, 2), expected = [.. features];
        for (int part = 0; part < count; part++)
        {
            for (int i = 0; i < length; i++) expected[i] += parts[(part * length) + i];
        }

        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView sums = uploads.Upload(features);
        PartialSums.AddTo(device, uploads.Upload(parts), sums, count);
        TestData.AssertSameBits(uploads.Download(sums), expected, "sums");
    }
}
