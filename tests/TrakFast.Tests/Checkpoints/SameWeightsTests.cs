using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Tests.Checkpoints;

/// <summary>One network's weights in every form that training programs leave give the same network.</summary>
public sealed class SameWeightsTests
{
    [TestCase("plain.pt")]
    [TestCase("protocol4.pt")]
    [TestCase("legacy.pth")]
    [TestCase("deflated.pt")]
    [TestCase("parameters.pt")]
    [TestCase("shards")]
    [TestCase("shards/model.safetensors.index.json")]
    [TestCase("bins")]
    [TestCase("trainer/checkpoint-10")]
    public void AFileHoldsTheSameWeightsToTheBit(string file)
    {
        Checkpoint read = CheckpointReader.Read(CheckpointFiles.Path(file));
        CheckpointFiles.AssertSame(read, CheckpointFiles.Original());
        Assert.That(read.Notes, Is.Empty);
    }

    [TestCase("module.safetensors", "names are taken without 'module.'")]
    [TestCase("orig_mod.safetensors", "names are taken without '_orig_mod.module.'")]
    [TestCase("within.safetensors", "names are taken without '_orig_mod' wherever it is in them")]
    [TestCase("lightning.ckpt", "names are taken without 'model.'")]
    [TestCase("extra.pt", "unused_head.weight is not in the model and passed over")]
    [TestCase("ema.pt", "it holds averaged weights (EMA) too, under 'model_ema'; --weights-key takes them instead")]
    [TestCase("deep.pt", "the weights under 'outer.deep.inner' are taken")]
    [TestCase("plain.pt", null)]
    public void AModelOfItIsTheSameToTheBitAndWhatWasDoneIsSaid(string file, string? note)
    {
        using OnnxModel model = CheckpointFiles.Model(), other = CheckpointFiles.Model();
        model.Load(CheckpointFiles.Original());
        Checkpoint fitted = other.Graph.Fit(CheckpointReader.Read(CheckpointFiles.Path(file)));
        other.Load(fitted);
        Assert.Multiple(() =>
        {
            Assert.That(other.WeightHash, Is.EqualTo(model.WeightHash));
            Assert.That(fitted.Notes, Is.EqualTo(note is null ? Array.Empty<string>() : [note]));
        });
    }

    [TestCase("half.bin", 1.0 / 2048)]
    [TestCase("bfloat16.bin", 1.0 / 256)]
    [TestCase("double.bin", 0)]
    public void OtherTypesAreTheSameWithinTheirRounding(string file, double relative)
    {
        Checkpoint read = CheckpointReader.Read(CheckpointFiles.Path(file));
        foreach ((string name, DataArray array) in CheckpointFiles.Original().Tensors)
        {
            float[] actual = read.Tensors[name].ToFloats(), expected = array.ToFloats();
            for (int i = 0; i < expected.Length; i++)
            {
                double rounding = (relative * Math.Abs(expected[i])) + (relative > 0 ? 3e-8 : 0);
                Assert.That(actual[i], Is.EqualTo(expected[i]).Within(rounding), name);
            }
        }
    }

    [TestCase("views.pt")]
    [TestCase("views_legacy.pth")]
    public void ViewsOfSharedStoragesAreWhatTorchMakesOfThem(string file) =>
        CheckpointFiles.AssertSame(
            CheckpointReader.Read(CheckpointFiles.Path(file)), SafetensorsFile.Read(CheckpointFiles.Path("views.safetensors")));

    [Test]
    public void TypesThatArraysDoNotKnowBecomeLargerOnes()
    {
        DataArray read = CheckpointReader.Read(CheckpointFiles.Path("short.pt")).Tensors["short"];
        Assert.That(read.Type, Is.EqualTo(ElementType.Int32));
        Assert.That(read.ToLongs(), Is.EqualTo(new long[] { -32768, 5 }));
    }

    [TestCase("model_ema", 1f)]
    [TestCase("model", null)]
    public void AKeyChoosesTheWeights(string key, float? value)
    {
        Checkpoint read = CheckpointReader.Read(CheckpointFiles.Path("ema.pt"), key);
        Assert.That(read.Tensors["fc2.bias"].ToFloats().All(v => v == 1), Is.EqualTo(value is not null));
    }

    [TestCase("outer.deep.inner")]
    [TestCase("outer")]
    public void AKeyMayBeDottedAndHoldDots(string key) =>
        CheckpointFiles.AssertSame(CheckpointReader.Read(CheckpointFiles.Path("deep.pt"), key), CheckpointFiles.Original());

    [Test]
    public void WhereThereAreNoKeysItIsTheBeginningOfTheNames()
    {
        Checkpoint read = CheckpointReader.Read(CheckpointFiles.Path("module.safetensors"), "module.fc1");
        Assert.That(read.Tensors.Keys, Is.EquivalentTo(new[] { "weight", "bias" }));
    }

    [Test]
    public void FolderWithStepsIsEachOfThemByNumber() =>
        Assert.That(
            CheckpointFolder.Steps(CheckpointFiles.Path("trainer")).Select(Path.GetFileName),
            Is.EqualTo(new[] { "checkpoint-2", "checkpoint-10" }));

    [Test]
    public void Float8IsReadExactly()
    {
        using Support.TemporaryDirectory folder = new();
        string path = Path.Combine(folder.Path, "f8.safetensors");
        byte[] header = "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F8_E5M2\",\"shape\":[4],\"data_offsets\":[8,12]}}"u8.ToArray();
        File.WriteAllBytes(path,
        [
            .. BitConverter.GetBytes((long)header.Length), .. header,
            0x00, 0x01, 0x08, 0x38, 0xB8, 0x7E, 0x7F, 0x3C, 0x01, 0x3C, 0xC1, 0x7B,
        ]);
        Checkpoint read = CheckpointReader.Read(path);
        float[] e4m3 = read.Tensors["a"].ToFloats();
        Assert.Multiple(() =>
        {
            Assert.That(e4m3[..6], Is.EqualTo(new[] { 0, 1 / 512f, 1 / 64f, 1, -1, 448 }));
            Assert.That(e4m3[6], Is.NaN);
            Assert.That(e4m3[7], Is.EqualTo(1.5f));
            Assert.That(read.Tensors["b"].ToFloats(), Is.EqualTo(new[] { 1 / 65536f, 1, -2.5f, 57344 }));
        });
    }
}
