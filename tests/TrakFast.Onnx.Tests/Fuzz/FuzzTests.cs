using System.Globalization;

namespace TrakFast.Onnx.Tests;

/// <summary>Damaged models of every kind: a few hundred with the other tests, very many on request.</summary>
internal sealed class FuzzTests
{
    [Test]
    public void AFewDamagedModelsWorkOrAreRefused([Values(1, 2)] int seed)
    {
        FuzzRun run = new(seed);
        run.Run(0, 300);
        Assert.That(run.Loaded, Is.InRange(50, 290), "the damage is neither none nor total");
    }

    /// <summary><c>TRAKFAST_FUZZ=seed:first:count</c> chooses what is done; without it seed 1, mutations 0 to 99,999.</summary>
    [Test]
    [Explicit("Takes many minutes; dotnet cake --target=Fuzz runs it.")]
    [Category("Fuzz")]
    public void VeryManyDamagedModelsWorkOrAreRefused()
    {
        string text = Environment.GetEnvironmentVariable("TRAKFAST_FUZZ") is { Length: > 0 } given ? given : "1:0:100000";
        int[] numbers = [.. text.Split(':').Select(static n => int.Parse(n, CultureInfo.InvariantCulture))];
        FuzzRun run = new(numbers[0]);
        run.Run(numbers[1], numbers[2]);
        TestContext.Out.WriteLine(
            $"{numbers[2]} mutations: {run.Loaded} were read, {run.Ran} ran backward too; the largest took {run.LargestGrowth >> 20} MiB.");
    }
}
