using System.Globalization;
using TrakFast.Datasets.Tests.Support;

namespace TrakFast.Datasets.Tests.Sources;

/// <summary>Damaged tables are read or refused with one sentence of TrakFast's own, in bounded time and memory.</summary>
internal sealed class SourceFuzzTests
{
    private static readonly string[] Tables =
    [
        "snappy.parquet", "zstd.parquet", "gzip.parquet", "lz4_raw.parquet", "brotli.parquet", "uncompressed.parquet", "rows.csv", "rows.jsonl",
        "train-images-idx3-ubyte", "test_batch.bin",
    ];

    private readonly List<(string Name, byte[] Bytes)> _files =
    [
        .. Tables.Select(static name => (name, File.ReadAllBytes(
            name.Contains('.', StringComparison.Ordinal) && name != "test_batch.bin"
                ? Path.Combine(FixtureFolder.Path, "tables", name)
                : Path.Combine(FixtureFolder.Path, "..", "..", "samples", "data", name)))),
    ];

    [Test]
    public void AThousandDamagedTablesAreReadOrRefused()
    {
        (int read, int refused) = Run(1, 0, 1000);
        Assert.That(read, Is.InRange(50, 950), "the damage is neither none nor total");
        Assert.That(refused, Is.GreaterThan(50));
    }

    /// <summary><c>TRAKFAST_FUZZ=seed:first:count</c> chooses what is done; without it seed 1, mutations 0 to 99,999.</summary>
    [Test]
    [Explicit("Takes minutes; dotnet cake --target=Fuzz runs it.")]
    [Category("Fuzz")]
    public void VeryManyDamagedTablesAreReadOrRefused()
    {
        string text = Environment.GetEnvironmentVariable("TRAKFAST_FUZZ") is { Length: > 0 } given ? given : "1:0:100000";
        int[] numbers = [.. text.Split(':').Select(static n => int.Parse(n, CultureInfo.InvariantCulture))];
        (int read, int refused) = Run(numbers[0], numbers[1], numbers[2]);
        TestContext.Out.WriteLine($"{read} read, {refused} refused");
        Assert.That(read + refused, Is.EqualTo(numbers[2]));
    }

    private (int Read, int Refused) Run(int seed, int first, int count)
    {
        using Folder folder = new();
        int read = 0, refused = 0;
        long mostBytes = 0;
        TimeSpan longest = TimeSpan.Zero;
        for (int i = first; i < first + count; i++)
        {
            (string name, byte[] bytes) = _files[i % _files.Count];
            string path = folder.Write(name, Mutate(bytes, new Random(unchecked((seed * 1_000_003) + i))));
            long started = System.Diagnostics.Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using RowSource source = DataSource.Open(path);
                for (long row = 0; row < Math.Min(source.Count, 60); row++) source.Read(row, source.Columns);
                read++;
            }
            catch (TrakException error) when (error.Message.Length < 1000)
            {
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"Mutation {i} of seed {seed}, of {name} (TRAKFAST_FUZZ={seed}:{i}:1): {error}");
            }

            TimeSpan time = System.Diagnostics.Stopwatch.GetElapsedTime(started);
            if (time > longest) longest = time;
            mostBytes = Math.Max(mostBytes, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.That(time, Is.LessThan(TimeSpan.FromSeconds(20)), $"mutation {i} of seed {seed}, of {name}");
        }

        TestContext.Out.WriteLine($"the longest took {longest.TotalMilliseconds:f0} ms, the most allocated was {mostBytes >> 10} KiB");
        return (read, refused);
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        List<byte> bytes = [.. file];
        for (int times = 1 + random.Next(3); times > 0; times--)
        {
            // A third of the damage falls on the end, where Parquet keeps what it says of itself.
            int at = random.Next(3) == 0 ? Math.Max(0, bytes.Count - 1 - random.Next(600)) : random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, Math.Min(1 + random.Next(8), bytes.Count - at)); break;
                default: bytes.Insert(at, (byte)random.Next(256)); break;
            }

            if (bytes.Count == 0) bytes.Add(0);
        }

        return [.. bytes];
    }
}
