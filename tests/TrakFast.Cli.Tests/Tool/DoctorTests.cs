using TrakFast.Cli.Doctor;
using TrakFast.Kernels;
using TrakFast.Onnx;
using TrakFast.Testing;

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
        foreach (string part in new[] { "Runtime", "Processors", "Instruction sets", "managed", "torch", "cpu", "cuda", "temporary", "save" })
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
    public void WhatIsThereSaysItselfWhatItIs()
    {
        using CpuBackend backend = new(Workers.PerProcessor());
        Assert.That(ComponentProbe.Find().Where(static c => c.IsActive).Select(static c => (c.Name, c.Detail)), Is.EqualTo(new[]
        {
            ("managed", "ONNX graphs in managed code"),
            ("cpu", backend.Name),
        }));
        Assert.That(ComponentProbe.Find().Where(static c => !c.IsActive).Select(static c => (c.Name, c.Detail)), Is.EqualTo(new[]
        {
            ("torch", "not part of this build"),
            ("cuda", "not part of this build"),
        }));
    }

    [TestCase(0, "0 B")]
    [TestCase(1023, "1023 B")]
    [TestCase(1536, "1.5 KiB")]
    [TestCase(long.MaxValue, "8192 PiB")]
    public void BytesAreReadable(long bytes, string expected) => Assert.That(ByteText.Of(bytes), Is.EqualTo(expected));
}
