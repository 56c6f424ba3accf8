using System.Diagnostics;
using System.Globalization;

namespace TrakFast.Datasets.Tests;

/// <summary>Damaged tokenizers of every kind are read and used, or refused with a TrakException.</summary>
internal sealed class FuzzTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private const long MostBytes = 1L << 30;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"trakfast-tokenizers-{Guid.NewGuid():N}");

    [OneTimeSetUp]
    public void MakeFolder() => Directory.CreateDirectory(_folder);

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void AFewDamagedTokenizersWorkOrAreRefused([Values(1, 2)] int seed)
    {
        (int read, _) = Run(seed, 0, 1500);
        Assert.That(read, Is.InRange(100, 1400), "the damage is neither none nor total");
    }

    /// <summary><c>TRAKFAST_FUZZ=seed:first:count</c> chooses what is done; without it seed 1, mutations 0 to 99,999.</summary>
    [Test]
    [Explicit("Takes many minutes; dotnet cake --target=Fuzz runs it.")]
    [Category("Fuzz")]
    public void VeryManyDamagedTokenizersWorkOrAreRefused()
    {
        string text = Environment.GetEnvironmentVariable("TRAKFAST_FUZZ") is { Length: > 0 } given ? given : "1:0:100000";
        int[] numbers = [.. text.Split(':').Select(static n => int.Parse(n, CultureInfo.InvariantCulture))];
        (int read, int used) = Run(numbers[0], numbers[1], numbers[2]);
        TestContext.Out.WriteLine($"{numbers[2]} mutations: {read} were read, {used} encoded every text.");
    }

    private (int Read, int Used) Run(int seed, int first, int count)
    {
        string[] files =
        [
            .. Directory.GetFiles(TokenizerFixtures.Folder, "*", SearchOption.AllDirectories)
                .Where(static f => Path.GetFileName(f) is not ("expected.json" or "texts.json" or "parts.json")).Order(StringComparer.Ordinal),
        ];
        int read = 0, used = 0;
        for (int number = first; number < first + count; number++)
        {
            string file = files[number % files.Length], what = $"mutation {number} of seed {seed}, {file} (TRAKFAST_FUZZ={seed}:{number}:1)";
            Random random = new(unchecked((seed * 1_000_003) + number));
            long started = Stopwatch.GetTimestamp(), bytes = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                TextTokenizer tokenizer = TextTokenizer.Read(Damaged(file, random));
                read++;
                used += Use(tokenizer) ? 1 : 0;
            }
            catch (TrakException error)
            {
                Assert.That(error.Message, Has.Length.InRange(10, 2000), what);
            }
            catch (Exception error) when (error is not AssertionException)
            {
                Assert.Fail($"{what}: {error}");
            }

            Assert.That(Stopwatch.GetElapsedTime(started), Is.LessThan(Longest), what);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - bytes, Is.LessThan(MostBytes), what);
        }

        return (read, used);
    }

    // The damaged file among those that are beside it.
    private string Damaged(string file, Random random)
    {
        foreach (string old in Directory.GetFiles(_folder)) File.Delete(old);
        foreach (string other in Directory.GetFiles(Path.GetDirectoryName(file)!))
            if (Path.GetFileName(other) is not "expected.json") File.Copy(other, Path.Combine(_folder, Path.GetFileName(other)));
        string path = Path.Combine(_folder, Path.GetFileName(file));
        byte[] bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(path, TokenizerMutator.Mutate(bytes, Path.GetExtension(file) != ".model", random));
        if (Path.GetFileName(file) is not ("tokenizer_config.json" or "special_tokens_map.json")) return path;
        string[] read = [.. Directory.GetFiles(_folder).Where(static f => !f.EndsWith("_config.json", StringComparison.Ordinal)).Order()];
        return read[random.Next(read.Length)];
    }

    private static bool Use(TextTokenizer tokenizer)
    {
        bool all = true;
        foreach (int i in (int[])[7, 12, 16, 29, 39, 47, 53])
        {
            try
            {
                TokenSequence sequence = tokenizer.Encode(TokenizerFixtures.Texts[i], i == 7 ? "a pair" : null);
                Assert.That(sequence.Places, Has.All.Matches<(int Start, int End)>(static p => p.Start >= 0));
                tokenizer.Decode(sequence.Ids);
                if (sequence.Length > 0) tokenizer.TokenText(sequence.Ids[0]);
            }
            catch (TrakException)
            {
                all = false;
            }
        }

        return all;
    }
}
