using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TrakFast.Datasets.Tests;

/// <summary>
/// Damaged pictures and configurations are read or refused with an InputException. A native crash would end the test run;
/// the mutation at hand is then the last line of the file that TRAKFAST_FUZZ_LOG names.
/// </summary>
internal sealed class PictureFuzzTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static readonly string Configuration =
        "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": {\"shortest_edge\": 24}, \"crop_size\": {\"height\": 20, "
        + "\"width\": 20}, \"resample\": 3, \"image_mean\": [0.4, 0.5, 0.6], \"image_std\": [0.2, 0.3, 0.2], \"do_rescale\": true, "
        + "\"rescale_factor\": 0.00392, \"do_convert_rgb\": true}";

    private readonly List<(string Name, byte[] Bytes)> _files =
    [
        .. PictureFixtures.Decoded.Select(static n => (n, File.ReadAllBytes(PictureFixtures.PathOf(n)))),
        ("preprocessor_config.json", Encoding.UTF8.GetBytes(Configuration)),
    ];

    [Test]
    public void AFewThousandDamagedFilesAreReadOrRefused()
    {
        (int read, int refused) = Run(1, 0, 4000);
        Assert.That(read, Is.InRange(500, 3500), "the damage is neither none nor total");
        Assert.That(refused, Is.GreaterThan(500));
    }

    /// <summary><c>TRAKFAST_FUZZ=seed:first:count</c> chooses what is done; without it seed 1, mutations 0 to 99,999.</summary>
    [Test]
    [Explicit("Takes minutes; dotnet cake --target=Fuzz runs it.")]
    [Category("Fuzz")]
    public void VeryManyDamagedFilesAreReadOrRefused()
    {
        string text = Environment.GetEnvironmentVariable("TRAKFAST_FUZZ") is { Length: > 0 } given ? given : "1:0:100000";
        int[] numbers = [.. text.Split(':').Select(static n => int.Parse(n, CultureInfo.InvariantCulture))];
        (int read, int refused) = Run(numbers[0], numbers[1], numbers[2]);
        TestContext.Out.WriteLine($"{read} read, {refused} refused");
        Assert.That(read + refused, Is.EqualTo(numbers[2]));
    }

    private (int Read, int Refused) Run(int seed, int first, int count)
    {
        string? log = Environment.GetEnvironmentVariable("TRAKFAST_FUZZ_LOG");
        int read = 0, refused = 0;
        PicturePreprocessing preprocessing = new() { Size = PictureSize.Exact(9, 11) };
        float[] values = new float[3 * 9 * 11];
        TimeSpan longest = TimeSpan.Zero;
        for (int i = first; i < first + count; i++)
        {
            (string name, byte[] bytes) = _files[i % _files.Count];
            byte[] damaged = Mutate(bytes, new Random(unchecked((seed * 1_000_003) + i)));
            if (log is not null) File.WriteAllText(log, $"{seed}:{i}:1 {name}");
            long started = Stopwatch.GetTimestamp();
            try
            {
                if (name.EndsWith(".json", StringComparison.Ordinal)) PicturePreprocessing.FromJson(damaged, "damaged");
                else preprocessing.Apply(PictureDecoder.Decode(damaged, "damaged"), values);
                read++;
            }
            catch (InputException error) when (error.Message.Contains("damaged", StringComparison.Ordinal) && error.Message.Length < 1000)
            {
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"Mutation {i} of seed {seed}, of {name} (TRAKFAST_FUZZ={seed}:{i}:1): {error}");
            }

            TimeSpan time = Stopwatch.GetElapsedTime(started);
            if (time > longest) longest = time;
            Assert.That(time, Is.LessThan(Longest), $"mutation {i} of seed {seed}, of {name}");
        }

        TestContext.Out.WriteLine($"the longest took {longest.TotalMilliseconds:f0} ms");
        return (read, refused);
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        List<byte> bytes = [.. file];

        // Half of the damage falls on the headers.
        int limit = random.Next(2) == 0 ? bytes.Count : Math.Min(bytes.Count, 64);
        int at = random.Next(limit), length = Math.Min(1 + random.Next(20), bytes.Count - at);
        switch (random.Next(6))
        {
            case 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(random.Next(limit), bytes.GetRange(at, length));
                break;
            case 3:
                for (int i = 0; i < length; i++) bytes[at + i] = (byte)random.Next(256);
                break;
            case 4:
                for (int i = 0; i < Math.Min(length, 4); i++) bytes[at + i] = (byte)(random.Next(2) * 255);
                break;
            default:
                for (int flips = random.Next(4); flips >= 0; flips--) bytes[random.Next(limit)] ^= (byte)(1 << random.Next(8));
                break;
        }

        return [.. bytes];
    }
}
