using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool;

/// <summary><c>eval</c>: LDS against models trained elsewhere, or retrained here.</summary>
public sealed class EvalCommandTests
{
    private Workspace _work = null!;

    [OneTimeSetUp]
    public void Featurize()
    {
        _work = new Workspace();
        _work.Run("--projection-dim 64").AssertDone();
    }

    [OneTimeTearDown]
    public void Dispose() => _work.Dispose();

    [Test]
    public void MarginsThatFollowTheScoresGiveTheHighestLds()
    {
        Perfect("subsets.npy", "margins.npy");
        ToolResult result = Eval($"--subsets {_work["subsets.npy"]} --margins {_work["margins.npy"]}").AssertDone();
        Assert.That(
            result.Output,
            Does.Match(@"TRAK +1\.000 ").And.Contain("TRAK, loss weighting").And.Contain("TRAK at λ = 0")
                .And.Contain("gradient dot product").And.Contain("random"));
    }

    [Test]
    public void RetrainingHereGivesACeilingAndFilesToUseAgain()
    {
        string retrain = $"--model {_work["model.onnx"]} --train image={_work["train.image.npy"]} label={_work["train.label.npy"]} "
            + $"--target image={_work["target.image.npy"]} label={_work["target.label.npy"]}";
        ToolResult here =
            Eval($"{retrain} --subset-count 6 --repeats 2 --epochs 3 --output {_work["study"]} --mislabeled {Flags()}").AssertDone();
        Assert.That(
            here.Output, Does.Contain("ceiling (split halves)").And.Contain("TRAK self-influence").And.Match(@"\nloss +\d\.\d{3} "));
        ToolResult again = Eval($"--subsets {_work["study", "subsets.npy"]} --margins {_work["study", "margins.npy"]}").AssertDone();
        Assert.That(Line(again.Output, "gradient dot product"), Is.EqualTo(Line(here.Output, "gradient dot product")));
    }

    [Test]
    public void AMatrixThatIsSingularWithoutLambdaCostsOneRowAlone()
    {
        // A few parameters in many dimensions: ΦᵀΦ has no inverse.
        using Workspace work = new();
        work.Run("--projection-dim 64 --gradient-of *bias").AssertDone();
        Perfect("subsets.npy", "margins.npy");
        ToolResult result = ToolResult.Of(
            [.. $"eval --save-dir {work.Save} --subsets {_work["subsets.npy"]} --margins {_work["margins.npy"]}".Split(' ')]).AssertDone();
        Assert.That(Line(result.Output, "TRAK at λ = 0"), Does.Contain("singular").And.Not.Match(@"\d\.\d"));
        Assert.That(Line(result.Output, "gradient dot product"), Does.Match(@"\d\.\d"));
    }

    [Test]
    public void TheLossIsNoBaselineWhereTheTaskCannotTellItFromQ()
    {
        using Workspace work = new();
        work.Run("--projection-dim 64 --temperature 2").AssertDone();
        Perfect("subsets.npy", "margins.npy");
        string output = ToolResult.Of(
        [
            "eval", "--save-dir", work.Save, "--subsets", _work["subsets.npy"], "--margins", _work["margins.npy"], "--mislabeled", Flags(),
        ]).AssertDone().Output;
        Assert.That(output, Does.Contain("TRAK self-influence").And.Not.Match(@"\nloss "));
    }

    [Test]
    public void WhatDoesNotFitIsSaid()
    {
        Perfect("subsets.npy", "margins.npy");
        _work.ChangeArray("margins.npy", static a => DataArray.From(a.ToFloats().AsSpan(0, 12 * 15), 12, 15));
        Eval($"--subsets {_work["subsets.npy"]} --margins {_work["margins.npy"]}").AssertFailed("15", "16");
        NpyFile.Write(_work["short.npy"], DataArray.From(new bool[12 * 90], 12, 90));
        Perfect("subsets.npy", "margins.npy");
        Eval($"--subsets {_work["short.npy"]} --margins {_work["margins.npy"]}").AssertFailed("90", "96");
        Eval($"--subsets {_work["subsets.npy"]} --margins {_work["missing.npy"]}").AssertFailed("missing.npy");
        Assert.That(Eval($"--subsets {_work["subsets.npy"]}").ExitCode, Is.EqualTo(2));
        Assert.That(Eval(string.Empty).ExitCode, Is.EqualTo(2));
    }

    private static string Line(string output, string method) =>
        output.Split('\n').First(line => line.StartsWith(method, StringComparison.Ordinal));

    private ToolResult Eval(string more) =>
        ToolResult.Of([.. $"eval --save-dir {_work.Save} --threads 2 {more}".Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    /// <summary>Writes subsets, and margins that are the sums of the scores over them.</summary>
    private void Perfect(string subsets, string margins)
    {
        float[] scores = _work.Scores();
        Random random = new(4);
        bool[] masks = [.. Enumerable.Range(0, 12 * 96).Select(_ => random.Next(2) == 1)];
        float[] sums = new float[12 * 16];
        for (int at = 0; at < sums.Length; at++)
            sums[at] = Enumerable.Range(0, 96).Where(i => masks[((at / 16) * 96) + i]).Sum(i => scores[(i * 16) + (at % 16)]);
        NpyFile.Write(_work[subsets], DataArray.From(masks, 12, 96));
        NpyFile.Write(_work[margins], DataArray.From(sums, 12, 16));
    }

    private string Flags()
    {
        NpyFile.Write(_work["flags.npy"], DataArray.From([.. Enumerable.Range(0, 96).Select(static i => i % 10 == 0)], 96));
        return _work["flags.npy"];
    }
}
