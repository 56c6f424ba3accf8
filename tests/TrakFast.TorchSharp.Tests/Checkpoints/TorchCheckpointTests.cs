using System.Text;
using TorchSharp.Modules;
using TrakFast.Kernels;
using static TorchSharp.torch.nn;

namespace TrakFast.TorchSharp.Tests;

/// <summary>Checkpoints from modules and from files that TorchSharp writes.</summary>
[TestFixture]
internal sealed class TorchCheckpointTests
{
    private string _file = "";

    [SetUp]
    public void Begin() => _file = Path.GetTempFileName();

    [TearDown]
    public void End() => File.Delete(_file);

    [Test]
    public void AFileHoldsWhatTheModuleHad()
    {
        TorchLibrary.Require();
        using Sequential module = Sequential(("fc", Linear(3, 4)), ("norm", BatchNorm1d(4)));
        module.save(_file);
        Checkpoint read = TorchCheckpoint.ReadDat(_file), copied = TorchCheckpoint.From(module);
        Assert.That(read.Tensors.Keys, Is.EquivalentTo(new[]
        {
            "fc.weight", "fc.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"
        }));
        Assert.That(read.Tensors["norm.num_batches_tracked"].Type, Is.EqualTo(ElementType.Int64));
        foreach ((string name, DataArray array) in copied.Tensors)
        {
            Assert.That(read.Tensors[name].Shape, Is.EqualTo(array.Shape), name);
            Assert.That(read.Tensors[name].Bytes.SequenceEqual(array.Bytes), Is.True, name);
        }

        using Sequential other = Sequential(("fc", Linear(3, 4)), ("norm", BatchNorm1d(4)));
        other.eval();
        using TorchModel model = new(other), first = new(module);
        Assert.That(model.WeightHash, Is.Not.EqualTo(first.WeightHash));
        model.Load(read);
        Assert.That(model.WeightHash, Is.EqualTo(first.WeightHash));
    }

    [Test]
    public void BrokenFilesAreToldApart()
    {
        byte[] good = Bytes(("w", 6, [2], [1, 0, 0, 0, 2, 0, 0, 0]), ("i", 4, [], new byte[8]));
        Checkpoint read = Read(good);
        Assert.That(read.Tensors["w"].Shape, Is.EqualTo(new[] { 2 }));
        Assert.That(read.Tensors["i"].Shape, Is.Empty);
        for (int length = 0; length < good.Length; length++)
        {
            int cut = length;
            Assert.That(
                () => Read(good[..cut]),
                Throws.InstanceOf<TrakException>().With.Message.Contains("ends in").Or.Message.Contains("promises"), $"{cut} bytes");
        }

        Refused([.. good, 0], "1 bytes behind its 2 tensors");
        Refused(Bytes(("w", 6, [1], new byte[4]), ("w", 6, [1], new byte[4])), "w twice");
        Refused(Bytes(("w", 9, [1], new byte[8])), "type 9");
        Refused(Bytes(("w", 6, [long.MaxValue, long.MaxValue], [])), "are left");
        Refused([1, 1, 0xFF, 6, 0], "not UTF-8");
        Refused([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "63 bits");
        Refused(Encoding.ASCII.GetBytes("PK and whatever follows in an archive"), "promises");
        Assert.That(
            () => TorchCheckpoint.ReadDat(_file + ".none"), Throws.InstanceOf<TrakException>().With.Message.Contains("cannot be read"));
    }

    private static byte[] Bytes(params (string Name, int Type, long[] Shape, byte[] Values)[] tensors)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write7BitEncodedInt(tensors.Length);
        foreach ((string name, int type, long[] shape, byte[] values) in tensors)
        {
            writer.Write(name);
            writer.Write7BitEncodedInt(type);
            writer.Write7BitEncodedInt(shape.Length);
            foreach (long size in shape) writer.Write7BitEncodedInt64(size);
            writer.Write(values);
        }

        return stream.ToArray();
    }

    private Checkpoint Read(byte[] bytes)
    {
        File.WriteAllBytes(_file, bytes);
        return TorchCheckpoint.ReadDat(_file);
    }

    private void Refused(byte[] bytes, string message) =>
        Assert.That(() => Read(bytes), Throws.InstanceOf<TrakException>().With.Message.Contains(message).And.Message.Contains(_file));
}
