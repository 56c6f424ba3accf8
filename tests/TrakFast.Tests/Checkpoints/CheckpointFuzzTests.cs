using System.Diagnostics;
using System.Globalization;
using TrakFast.Onnx;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Checkpoints;

/// <summary>
/// Damaged files of weights are read or refused in a sentence, soon and in little memory: a few thousand, very many on request.
/// </summary>
public sealed class CheckpointFuzzTests
{
    private const long MostBytes = 64L << 20;
    private const int LongestSentence = 20_000;
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);

    [Test]
    public void AFewThousandDamagedFilesAreReadOrRefused([Values(1, 2)] int seed)
    {
        (int read, int fitted, _, _) = Run(seed, 0, 1500);
        Assert.Multiple(() =>
        {
            Assert.That(read, Is.InRange(100, 1400), "the damage is neither none nor total");
            Assert.That(fitted, Is.GreaterThan(50));
        });
    }

    /// <summary><c>TRAKFAST_FUZZ=seed:first:count</c> chooses what is done; without it seed 1, mutations 0 to 99,999.</summary>
    [Test]
    [Explicit("Takes minutes.")]
    [Category("Fuzz")]
    public void VeryManyDamagedFilesAreReadOrRefused()
    {
        string text = Environment.GetEnvironmentVariable("TRAKFAST_FUZZ") is { Length: > 0 } given ? given : "1:0:100000";
        int[] numbers = [.. text.Split(':').Select(static n => int.Parse(n, CultureInfo.InvariantCulture))];
        (int read, int fitted, long bytes, TimeSpan time) = Run(numbers[0], numbers[1], numbers[2]);
        TestContext.Out.WriteLine(
            $"{numbers[2]} mutations: {read} were read, {fitted} fit the model; the largest allocated {bytes >> 10} KiB, the longest took {time.TotalMilliseconds:F0} ms.");
    }

    private static (int Read, int Fitted, long Bytes, TimeSpan Time) Run(int seed, int first, int count)
    {
        using TemporaryDirectory folder = new();
        using OnnxModel model = CheckpointFiles.Model();
        (string Name, byte[] Bytes)[] files = [.. Directory.GetFiles(CheckpointFiles.Path(), "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(static f => (Path.GetFileName(f), File.ReadAllBytes(f)))];
        foreach (string shard in Directory.GetFiles(CheckpointFiles.Path("shards"), "*.safetensors"))
            File.Copy(shard, folder[Path.GetFileName(shard)]);
        File.Copy(CheckpointFiles.Path("adapter", "adapter_model.safetensors"), folder["adapter_model.safetensors"]);
        int read = 0, fitted = 0;
        long mostBytes = 0;
        TimeSpan mostTime = TimeSpan.Zero;
        for (int number = first; number < first + count; number++)
        {
            Random random = new(unchecked((seed * 1_000_003) + number));
            (string name, byte[] bytes) = files[number % files.Length];
            bool isConfiguration = name == "adapter_config.json";
            string path = folder.With(isConfiguration ? name : "damaged", CheckpointMutator.Mutate(bytes, random));
            long start = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Checkpoint checkpoint = isConfiguration
                    ? LoraAdapter.Read(folder.Path).MergeInto(CheckpointFiles.Original())
                    : CheckpointReader.Read(path, random.Next(8) == 0 ? "model" : null);
                read++;
                model.Load(model.Graph.Fit(checkpoint, random.Next(2) == 0));
                fitted++;
            }
            catch (CheckpointException error)
            {
                if (error.Message.Length is 0 or > LongestSentence) Assert.Fail($"{seed}:{number}: an error of {error.Message.Length} characters");
            }
            catch (Exception error) when (error is not AssertionException)
            {
                Assert.Fail($"{seed}:{number} ({name}): {error}");
            }

            long taken = GC.GetAllocatedBytesForCurrentThread() - before;
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            (mostBytes, mostTime) = (Math.Max(mostBytes, taken), time > mostTime ? time : mostTime);
            if (taken > MostBytes || time > _longest) Assert.Fail($"{seed}:{number} ({name}) took {taken} bytes and {time}");
        }

        return (read, fitted, mostBytes, mostTime);
    }
}
