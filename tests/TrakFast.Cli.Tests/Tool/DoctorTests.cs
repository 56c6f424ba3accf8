using TrakFast.Cli.Doctor;

namespace TrakFast.Cli.Tests.Tool;

public sealed class DoctorTests
{
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
    public void WhatIsMissingSaysWhy()
    {
        string directory = Directory.CreateTempSubdirectory("trakfast-doctor-").FullName;
        try
        {
            Assert.That(ComponentProbe.Find(directory, static () => true).Where(static c => !c.IsActive).Select(static c => c.Name), Is.EqualTo(new[] { "managed", "torch", "cuda" }));

            File.WriteAllText(Path.Combine(directory, "TrakFast.Kernels.Cuda.dll"), string.Empty);
            Assert.That(ComponentProbe.Find(directory, static () => true).Single(static c => c.Name == "cuda").IsActive, Is.True);
            Assert.That(ComponentProbe.Find(directory, static () => false).Single(static c => c.Name == "cuda").Detail, Does.Contain("driver"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [TestCase(0, "0 B")]
    [TestCase(1023, "1023 B")]
    [TestCase(1536, "1.5 KiB")]
    [TestCase(long.MaxValue, "8192 PiB")]
    public void BytesAreReadable(long bytes, string expected) => Assert.That(ByteText.Of(bytes), Is.EqualTo(expected));
}
