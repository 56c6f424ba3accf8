using TrakFast.Cli.Doctor;
using TrakFast.Cli.Engines;
using TrakFast.Cli.Formatting;
using TrakFast.Cli.Tests.Support;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Tests.Tool;

public sealed class DoctorTests
{
    [Test]
    public void ItNamesAModelsParameters()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("trakfast-").FullName, "model.onnx");
        OnnxFile.Write(TwoTowers.Graph(), file);
        StringWriter output = new(), error = new();
        Assert.That(TrakFastTool.Run(["doctor", "--model", file], output, error), Is.EqualTo(0), error.ToString());
        Assert.That(output.ToString(), Does.Contain("visual.weight").And.Contain("text_proj.weight"));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Test]
    public void ItShowsTheMachineThePartsAndTheDirectories()
    {
        StringWriter output = new(), error = new();
        Assert.That(TrakFastTool.Run(["doctor", "--save-dir", Path.GetTempPath()], output, error), Is.EqualTo(0));
        Assert.That(error.ToString(), Is.Empty);
        foreach (string part
            in new[] { "Runtime", "Processors", "Instruction sets", "managed", "torch", "cpu", "cuda", "temporary", "save" })
            Assert.That(output.ToString(), Does.Contain(part));
    }

    [Test]
    public void ASaveDirectoryThatCannotBeIsAFailure()
    {
        string file = Path.GetTempFileName();
        try
        {
            StringWriter output = new(), error = new();
            Assert.That(TrakFastTool.Run(["doctor", "--save-dir", Path.Combine(file, "inside")], output, error), Is.EqualTo(1));
            Assert.That(error.ToString(), Does.Contain(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void AModelIsDescribedWithItsMemory()
    {
        ToolResult all = ToolResult.Of(["doctor", "--model", Fixture("mlp"), "--batch-size", "8"]),
            one = ToolResult.Of(["doctor", "--model", Fixture("mlp"), "--batch-size", "8", "--gradient-of", "*.bias"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(all.ExitCode, Is.Zero, all.Error);
            foreach (string part in new[]
            {
                "Reads", "Yields", "Parameters", "Weights", "B = 8", "k = 2,048", "Process while featurizing", "Process while finalizing"
            })
                Assert.That(all.Output, Does.Contain(part));
            Assert.That(Line(one, "asked for"), Is.Not.EqualTo(Line(all, "asked for")));
        }
    }

    [Test]
    public void MoreExamplesAtOnceTakeMoreMemory()
    {
        string few = Line(ToolResult.Of(["doctor", "--model", Fixture("cnn"), "--batch-size", "1"]), "Values and gradients");
        string many = Line(ToolResult.Of(["doctor", "--model", Fixture("cnn"), "--batch-size", "512"]), "Values and gradients");
        Assert.That(few, Does.Contain("KiB"));
        Assert.That(many, Does.Contain("MiB"));
    }

    [Test]
    public void SizesThatAModelLeavesOpenAreAskedFor()
    {
        using OpenModel model = new();
        ToolResult missing = ToolResult.Of(["doctor", "--model", model.Path]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(missing.ExitCode, Is.EqualTo(1));
            Assert.That(missing.Error, Does.Contain("leaves sizes of 'x'").And.Contain("give its shape for one example"));
            Assert.That(
                ToolResult.Of(["doctor", "--model", model.Path, "--shape", "x=7,4"]).Output, Does.Contain("Process while featurizing"));
        }
    }

    [TestCase("y=7,4", 1, "--shape names 'y', which the model does not read; it reads x.")]
    [TestCase("x=7,5", 1, "given are examples of [7, 5]")]
    [TestCase("x=7", 1, "given are examples of [7]")]
    [TestCase("x=7,0", 2, "'0' in 'x=7,0' is not a size")]
    [TestCase("x=7,four", 2, "'four' in 'x=7,four' is not a size")]
    [TestCase("7,4", 2, "'7,4' has no name")]
    public void ShapesThatCannotBeAreRefused(string shape, int exitCode, string sentence)
    {
        using OpenModel model = new();
        ToolResult result = ToolResult.Of(["doctor", "--model", model.Path, "--shape", shape]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.EqualTo(exitCode));
            Assert.That(result.Error, Does.Contain(sentence).And.Not.Contain("   at "));
        }
    }

    [Test]
    public void AModelThatCannotBeReadIsAFailure()
    {
        ToolResult missing = ToolResult.Of(["doctor", "--model", "no-such-model.onnx"]),
            damaged = ToolResult.Of(["doctor", "--model", Workspace.FixturePath("mlp", "case.json")]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((missing.ExitCode, damaged.ExitCode), Is.EqualTo((1, 1)));
            Assert.That(missing.Error, Does.Contain("no-such-model.onnx"));
            Assert.That(damaged.Error, Does.Contain("case.json"));
        }
    }

    [Test]
    public void WhatIsThereSaysItselfWhatItIs()
    {
        using CpuBackend backend = new(Workers.PerProcessor());
        Assert.That(
            ComponentProbe.Find(null).Where(static c => c.Name[..2] != "cu").Select(static c => (c.Name, c.IsActive, c.Detail)),
            Is.EqualTo(new[]
            {
                ("managed", true, "ONNX graphs in managed code"),
                ("torch", false, EngineChoice.WhereTorchIs),
                ("cpu", true, backend.Name),
            }));
    }

    [Test]
    public void CudaIsActiveWhereADeviceTakesTheKernelsAndSaysWhyNotElsewhere()
    {
        Component[] cuda = [.. ComponentProbe.Find(null).Where(static c => c.Name.StartsWith("cuda", StringComparison.Ordinal))];
        Assert.That(cuda.Select(static c => c.Name), Is.EqualTo(
            CudaBackend.DeviceCount < 2 ? ["cuda"] : Enumerable.Range(0, CudaBackend.DeviceCount).Select(static i => $"cuda:{i}")));
        for (int i = 0; i < cuda.Length; i++)
        {
            bool isAvailable = CudaBackend.IsAvailable(i, out string detail);
            Assert.That((cuda[i].IsActive, cuda[i].Detail), Is.EqualTo((isAvailable, detail.TrimEnd('.'))));
            Assert.That(detail, isAvailable ? Does.Contain("compute capability").And.Contain("GiB") : Is.Not.Empty);
        }
    }

    [TestCase(0, "0 B")]
    [TestCase(1023, "1023 B")]
    [TestCase(1536, "1.5 KiB")]
    [TestCase(long.MaxValue, "8192 PiB")]
    public void BytesAreReadable(long bytes, string expected) => Assert.That(ByteText.Of(bytes), Is.EqualTo(expected));

    private static string Fixture(string name) => Workspace.FixturePath(name, "model.onnx");

    private static string Line(ToolResult result, string part) =>
        result.Output.Split('\n').Single(line => line.Contains(part, StringComparison.Ordinal));

    // x [B, ?, 4] · w [4].
    private sealed class OpenModel : IDisposable
    {
        public OpenModel() => OnnxFile.Write(
            new OnnxGraph(
                "open",
                17,
                [new GraphValue("x", ElementType.Float32, [null, null, 4])],
                [new GraphValue("y", ElementType.Float32, [null, null, 4])],
                [new GraphNode("Mul", "y", ["x", "w"], ["y"])],
                [new Initializer("w", DataArray.From([1f, 2, 3, 4], 4))]),
            Path);

        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"trakfast-open-{Guid.NewGuid():N}.onnx");

        public void Dispose() => File.Delete(Path);
    }
}
