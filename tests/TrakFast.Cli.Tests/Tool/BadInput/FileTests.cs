using System.Buffers.Binary;
using System.Text;
using TrakFast.Cli.Tests.Support;
using TrakFast.Kernels;

namespace TrakFast.Cli.Tests.Tool.BadInput;

/// <summary>Files that are missing, damaged, or promise more than they hold.</summary>
public sealed class FileTests
{
    private static readonly string[] Inputs =
    [
        "model.onnx", "checkpoint_0.safetensors", "checkpoint_1.safetensors",
        "train.image.npy", "train.label.npy", "target.image.npy", "target.label.npy",
    ];

    [TestCaseSource(nameof(Inputs))]
    public void AMissingFileIsNamed(string name)
    {
        using Workspace work = new();
        File.Delete(work[name]);
        work.AssertRefused("", work[name]);
    }

    [TestCaseSource(nameof(Inputs))]
    public void ADirectoryIsNoFile(string name)
    {
        using Workspace work = new();
        File.Delete(work[name]);
        Directory.CreateDirectory(work[name]);
        work.AssertRefused("", work[name], "it is a directory");
    }

    [TestCaseSource(nameof(Inputs))]
    public void AnEmptyFileIsNamed(string name)
    {
        using Workspace work = new();
        File.WriteAllBytes(work[name], []);
        work.AssertRefused("", name);
    }

    [Test]
    public void ACutFileIsNamed([ValueSource(nameof(Inputs))] string name, [Values(5, 40, 95)] int percent)
    {
        using Workspace work = new();
        work.ChangeBytes(name, bytes => bytes[..(bytes.Length * percent / 100)]);
        work.AssertRefused("", name);
    }

    [TestCase("train.image.npy")]
    [TestCase("target.label.npy")]
    [TestCase("checkpoint_1.safetensors")]
    public void AFileWithMoreBehindItIsNamed(string name)
    {
        using Workspace work = new();
        work.ChangeBytes(name, static bytes => [.. bytes, 0, 0, 0]);
        work.AssertRefused("", work[name], "too long");
    }

    [TestCaseSource(nameof(Inputs))]
    public void AnotherKindOfFileIsNamed(string name)
    {
        using Workspace work = new();
        File.WriteAllText(work[name], string.Concat(Enumerable.Repeat("Not what was meant. ", 40)));
        work.AssertRefused("", name);
    }

    [Test]
    public void ATerabyteThatIsOnlyPromisedTakesNoMemory()
    {
        using Workspace work = new();
        foreach (string name in new[] { "train.image.npy", "train.label.npy" })
        {
            byte[] good = File.ReadAllBytes(work[name]);
            long[] shape = [1_000_000_000_000, .. NpyFile.Read(work[name]).Shape.Skip(1)];
            File.WriteAllBytes(
                work[name],
                [.. new NpyHeader(name.Contains("label") ? ElementType.Int64 : ElementType.Float32, shape).ToBytes(), .. good[128..]]);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            work.AssertRefused("", work[name], "cut short", "1000000000000");
            Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(8 << 20));
            File.WriteAllBytes(work[name], good);
        }
    }

    [Test]
    public void ATensorOfATerabyteTakesNoMemory()
    {
        using Workspace work = new();
        byte[] header =
            Encoding.UTF8.GetBytes("""{"fc1.weight":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000]}}""");
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        File.WriteAllBytes(work["checkpoint_1.safetensors"], [.. prefix, .. header, .. new byte[64]]);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        work.AssertRefused("", work["checkpoint_1.safetensors"], "cut short", "fc1.weight");
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(8 << 20));
    }

    [Test]
    public void AHeaderOfExabytesTakesNoMemory()
    {
        using Workspace work = new();
        work.ChangeBytes("checkpoint_0.safetensors", static bytes => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, .. bytes[8..]]);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        work.AssertRefused("", work["checkpoint_0.safetensors"], "9223372036854775807");
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(8 << 20));
    }

    [Test]
    public void AnArrayThatAModelOnlyPromisesTakesNoMemory()
    {
        using Workspace work = new();

        // ModelProto.graph (field 7) says it has 2 GiB − 1; its first initializer (field 5) the same.
        File.WriteAllBytes(
            work["model.onnx"],
            [0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x2A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x4A, 0xF0, 0xFF, 0xFF, 0xFF, 0x07, 1, 2, 3]);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        work.AssertRefused("", "model.onnx", "not a whole ONNX file");
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(8 << 20));
    }
}
