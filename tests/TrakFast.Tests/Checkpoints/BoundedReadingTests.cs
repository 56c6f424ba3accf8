using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Checkpoints;

/// <summary>What a file promises is not allocated, and what is not asked for is not read.</summary>
public sealed class BoundedReadingTests
{
    [Test]
    public void AnExpandedViewOfOneNumberIsNotWrittenOut()
    {
        using TemporaryDirectory folder = new();
        string path = Archive(folder, Tensor("(J\u0000\u0000\u0000\u0010t", "(K\u0000t"), new byte[8], CompressionLevel.NoCompression);
        AssertRefused(path, "tensor 'w'", "would take more than");
    }

    [Test]
    public void ZerosThatWereCompressedAreNotUnpackedWithoutLimit()
    {
        using TemporaryDirectory folder = new();
        string path = Archive(
            folder, Tensor("(J\u0000\u0000\u0000\u0001t", "(K\u0001t", "J\u0000\u0000\u0000\u0001"), new byte[1 << 26], CompressionLevel.SmallestSize);
        AssertRefused(path, "its entry 'a/data/0'", "would take more than");
    }

    [TestCase("(K\u0003t", "(K\u0001t", "reaches out of its storage of 2 elements")]
    [TestCase("(K\u0002t", "(K\u0002t", "reaches out of its storage of 2 elements")]
    [TestCase("(K\u0002t", "(J\u00FF\u00FF\u00FF\u00FFt", "reaches out of its storage of 2 elements")]
    [TestCase("(J\u00FF\u00FF\u00FF\u00FFt", "(K\u0001t", "has the shape [-1]")]
    [TestCase("(K\u0002t", "(K\u0001K\u0001t", "has 1 sizes and 2 strides")]
    public void AViewOutsideItsStorageIsRefused(string sizes, string strides, string part)
    {
        using TemporaryDirectory folder = new();
        AssertRefused(Archive(folder, Tensor(sizes, strides), new byte[8], CompressionLevel.NoCompression), "tensor 'w'", part);
    }

    [Test]
    public void AMillionListsInEachOtherAreRead()
    {
        using TemporaryDirectory folder = new();
        AssertRefused(
            Archive(folder, "\u0080\u0002" + new string(']', 1_000_000) + new string('a', 999_999) + ".", [], CompressionLevel.NoCompression),
            "holds a list");
    }

    [Test]
    public void ADictionaryThatHoldsItselfIsRead()
    {
        using TemporaryDirectory folder = new();
        AssertRefused(Archive(folder, "\u0080\u0002}q\u0000(U\u0001ah\u0000U\u0001bh\u0000u.", [], CompressionLevel.NoCompression), "it has 'a', 'b'");
    }

    [Test]
    public void AnOptimizersStateIsNotRead()
    {
        using TemporaryDirectory folder = new();
        string path = folder["lightning.ckpt"];
        File.Copy(CheckpointFiles.Path("lightning.ckpt"), path);
        byte[] bytes = File.ReadAllBytes(path);
        Checkpoint before = CheckpointReader.Read(path);
        int damaged = 0;
        using (ZipArchive zip = ZipFile.OpenRead(path))
        {
            // Adam's averages have as many numbers as a layer of 4 by 3; nothing else has.
            foreach (ZipArchiveEntry entry in zip.Entries.Where(static e => e.Length == 48))
            {
                using MemoryStream held = new();
                using (Stream stream = entry.Open()) stream.CopyTo(held);
                int at = bytes.AsSpan().IndexOf(held.ToArray());
                bytes[at] ^= 0xFF;
                damaged++;
            }
        }

        File.WriteAllBytes(path, bytes);
        Assert.That(damaged, Is.GreaterThan(0));
        CheckpointFiles.AssertSame(CheckpointReader.Read(path), before);
    }

    [Test]
    public void ElementsTheOtherWayRoundAreTurned()
    {
        using TemporaryDirectory folder = new();
        byte[] storage = new byte[8];
        BinaryPrimitives.WriteSingleBigEndian(storage, 1.5f);
        BinaryPrimitives.WriteSingleBigEndian(storage.AsSpan(4), -3);
        string path = Archive(folder, Tensor("(K\u0002t", "(K\u0001t"), storage, CompressionLevel.NoCompression, "big");
        Assert.That(CheckpointReader.Read(path).Tensors["w"].ToFloats(), Is.EqualTo(new[] { 1.5f, -3 }));
    }

    // {"w": _rebuild_tensor_v2(storage "0" of float32, 0, sizes, strides, False, None)}
    private static string Tensor(string sizes, string strides, string count = "K\u0002") =>
        "\u0080\u0002}U\u0001wctorch._utils\n_rebuild_tensor_v2\n((U\u0007storagectorch\nFloatStorage\nU\u00010U\u0003cpu"
        + $"{count}tQK\u0000{sizes}{strides}\u0089NtRs.";

    private static string Archive(TemporaryDirectory folder, string pickle, byte[] storage, CompressionLevel level, string order = "little")
    {
        string path = folder["made.pt"];
        using ZipArchive zip = new(File.Create(path), ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in new[]
        {
            ("a/data.pkl", Encoding.Latin1.GetBytes(pickle)), ("a/byteorder", Encoding.Latin1.GetBytes(order)), ("a/data/0", storage),
        })
        {
            using Stream entry = zip.CreateEntry(name, level).Open();
            entry.Write(bytes);
        }

        return path;
    }

    private static void AssertRefused(string path, params string[] parts)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        CheckpointException error = Assert.Throws<CheckpointException>(() => CheckpointReader.Read(path))!;
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Multiple(() =>
        {
            foreach (string part in parts) Assert.That(error.Message, Does.Contain(part).And.Contain(path));
            Assert.That(taken, Is.LessThan(260L << 20));
        });
    }
}
