using System.Text.Json;
using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool;

/// <summary>Which of a model's arrays the tool differentiates by, and what it says of the others.</summary>
public sealed class ParameterTests
{
    private const string Dimension = "Gradient dimension p";
    private string _folder = string.Empty;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("trakfast-parameters-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("gpt1_mul_mask", "243", "bias [1, 6, 6] (a mask: it holds only 0 and 1")]
    [TestCase("mask_add_inf", "243", "mask [6, 6] (a mask: it holds only 0 and −∞")]
    [TestCase("norm_layer_inside", "837", "mean [1, 3, 1, 1], std [1, 3, 1, 1] (it normalizes the input")]
    [TestCase("maskbuf_encoder", "699", "mask is not in the model and passed over.")]
    [TestCase("unused_param", "15", "dead.bias, dead.weight are not in the model and passed over.")]
    [TestCase("f_const_weights", "15", "")]
    [TestCase("pow_zero_e0", "4", "")]
    public void FieldCasesRunByTheirFrameworksParameters(string name, string dimension, string said)
    {
        ToolResult result = Run(name);
        result.AssertDone();
        Assert.That(Line(result, Dimension), Does.EndWith(dimension));
        Assert.That(result.Output, Does.Contain(said));
    }

    [Test]
    public void ZeroGradientsThroughoutAreSaidToBeThat() => Run("sigmoid_sat").AssertFailed("Every feature is zero");

    [Test]
    public void AListOfNamesIsTakenExactly()
    {
        string list = List("o.weight", "o.bias", "gone.weight");
        ToolResult result = Run("gpt1_mul_mask", "--parameters", list);
        result.AssertDone();
        Assert.That(Line(result, Dimension), Does.EndWith("27"));
        Assert.That(result.Output, Does.Contain("gone.weight").And.Contain("not in parameters.json"));
        Run("gpt1_mul_mask", "--parameters", List("gone.weight")).AssertFailed("gone.weight", "has none of these");
        Run("gpt1_mul_mask", "--parameters", Path.Combine(_folder, "no.json")).AssertFailed("no.json", "no such file");
    }

    [Test]
    public void AParameterThatHoldsTheGradientIsWarnedOf()
    {
        ToolResult result = Run("gpt1_mul_mask", "--parameters", List("q.weight", "q.bias", "o.weight", "o.bias", "bias"));
        result.AssertDone();
        Assert.That(Line(result, "Warning: bias"), Does.Contain("% of the squared norm").And.Contain("--gradient-of '!bias'"));
        Assert.That(Run("gpt1_mul_mask").Output, Does.Not.Contain("% of the squared norm"));
    }

    [Test]
    public void WhatTwoCheckpointsShareIsLeftOutAndTheRunIsAnother()
    {
        using Workspace work = new();
        work.ChangeCheckpoint("checkpoint_1.safetensors", tensors =>
            tensors["fc1.weight"] = SafetensorsFile.Read(work["checkpoint_0.safetensors"]).Tensors["fc1.weight"]);
        ToolResult both = work.Run();
        both.AssertDone();
        Assert.That(both.Output, Does.Contain("Not trained and left out: fc1.weight").And.Contain("the same bits in all 2 checkpoints"));
        work.Run($"--resume --checkpoint {work["checkpoint_0.safetensors"]}").AssertFailed("selected parameters", "--parameters");
    }

    [Test]
    public void TwinsLeaveNothingOut()
    {
        using Workspace work = new();
        ToolResult result = work.Run($"--checkpoint {work["checkpoint_0.safetensors"]} {work["checkpoint_0.safetensors"]}");
        result.AssertDone();
        Assert.That(result.Output, Does.Contain("have the same weights").And.Not.Contain("left out"));
    }

    [Test]
    public void AnExclamationMarkLeavesOut()
    {
        using Workspace work = new(), other = new();
        ToolResult without = work.Run("--gradient-of !*.bias"), with = other.Run("--gradient-of fc*.weight");
        without.AssertDone();
        with.AssertDone();
        Assert.That(Line(without, Dimension), Is.EqualTo(Line(with, Dimension)));
        Assert.That(work.Scores(), Is.EqualTo(other.Scores()));
        using Workspace none = new();
        none.AssertRefused("--gradient-of !*", "leave none");
        none.AssertRefused("--gradient-of !gone", "No parameter matches 'gone'");
    }

    [Test]
    public void TheDoctorListsEveryArrayAndRefusesWhatARunRefuses()
    {
        string model = Path.Combine(FixtureFolder.Path, "field", "norm_layer_inside", "model.onnx");
        ToolResult result = ToolResult.Of(["doctor", "--verbose", "--model", model]);
        result.AssertDone();
        Assert.That(Line(result, "no: it normalizes the input"), Does.StartWith("mean"));
        Assert.That(Line(result, "c.weight "), Does.Contain("[4, 3, 3, 3]").And.Contain("yes"));
        ToolResult.Of(["doctor", "--model", model, "--parameters", List("gone")]).AssertFailed("has none of these");
    }

    private string List(params string[] names)
    {
        string path = Path.Combine(_folder, "parameters.json");
        File.WriteAllText(path, JsonSerializer.Serialize(names));
        return path;
    }

    private ToolResult Run(string name, params string[] more)
    {
        string folder = Path.Combine(FixtureFolder.Path, "field", name), checkpoint = Path.Combine(folder, "ck.safetensors");
        using JsonDocument facts = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
        string[] arrays = [
            .. Directory.GetFiles(folder, "in_*.npy").Select(static f => $"{Path.GetFileNameWithoutExtension(f)["in_".Length..]}={f}"),
            $"label={Path.Combine(folder, "label.npy")}"];
        return ToolResult.Of([
            "run", "--task", facts.RootElement.GetProperty("task").GetString()!, "--model", Path.Combine(folder, "model.onnx"),
            .. File.Exists(checkpoint) ? new[] { "--checkpoint", checkpoint } : [], "--train", .. arrays, "--target", .. arrays,
            "--save-dir", Path.Combine(_folder, Path.GetRandomFileName()), "--projection", "none", .. more]);
    }

    private static string Line(ToolResult result, string part) =>
        result.Output.Split(Environment.NewLine).FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal))?.TrimEnd() ?? "";
}
