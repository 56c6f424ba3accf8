using TrakFast.Tests.Support;

namespace TrakFast.Tests.Files;

/// <summary>Damages a small file in every way and checks that a reader reads it or says what is wrong, cheaply.</summary>
internal static class Corruption
{
    public static void EveryTruncation(byte[] good, Action<string> read)
    {
        using var folder = new TemporaryDirectory();
        for (int length = 0; length < good.Length; length++)
        {
            string path = folder.With("cut", good[..length]);
            TrakException error = Assert.Catch<TrakException>(() => read(path), $"{length} of {good.Length} bytes")!;
            Assert.That(error.Message, Does.Contain(path), $"{length} of {good.Length} bytes");
        }
    }

    /// <summary>10,000 files with one to four flipped bits, most of them in the first <paramref name="header"/> bytes.</summary>
    /// <returns>How many were still read.</returns>
    public static int BitFlips(byte[] good, int header, Action<string> read)
    {
        using var folder = new TemporaryDirectory();
        var random = new Random(20230324);
        int readable = 0;
        long bound = 65_536 + (64 * good.Length);
        for (int i = 0; i < 10_000; i++)
        {
            byte[] bad = (byte[])good.Clone();
            for (int flips = random.Next(1, 5); flips > 0; flips--)
                bad[random.Next(random.Next(8) == 0 ? bad.Length : header)] ^= (byte)(1 << random.Next(8));
            string path = folder.With("flipped", bad);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(path);
                readable++;
            }
            catch (TrakException e)
            {
                Assert.That(e.Message, Does.Contain(path));
            }
            catch (Exception e)
            {
                Assert.Fail($"flip {i}: {e}");
            }

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(bound), $"flip {i}");
        }

        return readable;
    }
}
