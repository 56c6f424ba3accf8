using System.Text;
using TrakFast.Onnx;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Checkpoints;

/// <summary>What is no weights, or several, or a program, is refused with a sentence that says what it is.</summary>
public sealed class RefusedCheckpointTests
{
    private static readonly string _ran = "/tmp/trakfast-ran";

    [TestCase("command.pt", "asks for 'posix.system' (os.system)")]
    [TestCase("command_legacy.pth", "asks for 'posix.system' (os.system)")]
    [TestCase("command.pkl", "asks for 'posix.system' (os.system)")]
    [TestCase("whole_module.pt", "a whole module, torch.nn.modules.container.Sequential")]
    [TestCase("whole_module_within.pt", "torch.save(model.state_dict(), file)")]
    [TestCase("sparse.pt", "'w' is sparse")]
    [TestCase("quantized.pt", "'w' is quantized")]
    [TestCase("complex.pt", "'w' is of type ComplexFloatStorage")]
    [TestCase("two.pt", "under 'netG', 'netD', and any of them could be meant; choose with --weights-key")]
    [TestCase("nothing.pt", "holds no tensors by name; it has 'epoch', 'lr'")]
    [TestCase("trainer", "holds 'checkpoint-2', 'checkpoint-10'; name one of them")]
    [TestCase("../mlp", "holds 'checkpoint_0.safetensors', 'checkpoint_1.safetensors'; name the file")]
    [TestCase("../torchscript/net.pt", "is a TorchScript archive")]
    [TestCase("adapter/adapter_config.json", "without a weight_map")]
    [TestCase("gone.pt", "there is no such file")]
    [TestCase("shards/gone.bin", "there is no such file")]
    public void ItIsRefusedByName(string file, string part)
    {
        Assert.That(
            () => CheckpointReader.Read(CheckpointFiles.Path(file)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(part).And.Message.Contains(Path.GetFileName(file)));
        Assert.That(File.Exists(_ran), Is.False, "a pickle was run");
    }

    [TestCase("cos\nsystem\n(S'x'\ntR.", "'os.system'")]
    [TestCase("cbuiltins\neval\n(S'x'\ntR.", "'builtins.eval'")]
    [TestCase("c__builtin__\nexec\n.", "'__builtin__.exec'")]
    [TestCase("csubprocess\nPopen\n.", "'subprocess.Popen'")]
    [TestCase("cimportlib\nimport_module\n.", "'importlib.import_module'")]
    [TestCase("cnumpy.testing._private.utils\nrunstring\n.", "'numpy.testing._private.utils.runstring'")]
    [TestCase("ctorch.hub\nload\n.", "'torch.hub.load'")]
    [TestCase("cbuiltins\ngetattr\n(cbuiltins\ndict\nS'get'\ntR.", "'builtins.getattr'")]
    [TestCase("(S'x'\ni__builtin__\neval\n.", "'__builtin__.eval'")]
    [TestCase("\u0080\u0004\u008c\u0005torch\u008c\u0009os.system\u0093.", "'torch.os.system'")]
    public void ANameThatCouldRunSomethingIsRefused(string pickle, string part)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(pickle);
        using MemoryStream stream = new(bytes);
        Assert.That(
            () => Unpickler.Read(new PickleSource(stream, bytes.Length, "x.pt")),
            Throws.TypeOf<CheckpointException>().With.Message.Contains($"x.pt asks for {part}").And.Message.Contains("nothing of it was run"));
    }

    [TestCase("{\"weight_map\":{\"w\":\"../mlp/checkpoint_0.safetensors\"}}", "nothing elsewhere is read")]
    [TestCase("{\"weight_map\":{\"w\":\"/etc/passwd\"}}", "nothing elsewhere is read")]
    [TestCase("{\"weight_map\":{\"w\":\"..\"}}", "nothing elsewhere is read")]
    [TestCase("{\"weight_map\":{\"w\":\"gone.safetensors\"}}", "'gone.safetensors', which is not beside it")]
    [TestCase("{\"weight_map\":{\"w\":\"a.safetensors\"}}", "'w' is in 'a.safetensors', and it is in none of its files")]
    [TestCase("{\"weight_map\":{\"fc1.bias\":\"a.safetensors\",\"x\":\"b.safetensors\"}}", "is both in 'a.safetensors' and in 'b.safetensors'")]
    [TestCase("{\"weight_map\":{\"fc1.bias\":\"model.index.json\"}}", "model.index.json")]
    [TestCase("{\"weight_map\":{}}", "names no weights")]
    [TestCase("{\"weight_map\":[]}", "without a weight_map")]
    [TestCase("{\"weight_map\":", "cannot be read as an index")]
    public void AnIndexThatDoesNotFitIsRefused(string json, string part)
    {
        using TemporaryDirectory folder = new();
        foreach (string name in new[] { "a", "b" })
            File.Copy(Fixtures.Path("mlp", "checkpoint_0.safetensors"), Path.Combine(folder.Path, $"{name}.safetensors"));
        string index = Path.Combine(folder.Path, "model.index.json");
        File.WriteAllText(index, json);
        Assert.That(() => CheckpointReader.Read(index), Throws.TypeOf<CheckpointException>().With.Message.Contains(part));
    }

    [TestCase("zero_pp_rank_0_mp_rank_00_optim_states.pt", "zero_to_fp32.py")]
    [TestCase("mp_rank_00_model_states.pt", "zero_to_fp32.py")]
    [TestCase("__0_0.distcp", "dcp_to_torch")]
    [TestCase("readme.txt", "it is a directory without weights, with no model.safetensors")]
    public void AFolderInPiecesIsRefusedWithWhatPutsItTogether(string file, string part)
    {
        using TemporaryDirectory folder = new();
        File.WriteAllText(Path.Combine(folder.Path, file), "x");
        Assert.That(() => CheckpointReader.Read(folder.Path), Throws.TypeOf<CheckpointException>().With.Message.Contains(part));
    }

    [Test]
    public void ABitOfAStorageThatFlippedIsFound()
    {
        using TemporaryDirectory folder = new();
        byte[] bytes = File.ReadAllBytes(CheckpointFiles.Path("plain.pt"));
        byte[] weights = [.. CheckpointFiles.Original().Tensors["fc2.weight"].Bytes];
        bytes[bytes.AsSpan().IndexOf(weights) + 100] ^= 4;
        string path = Path.Combine(folder.Path, "flipped.pt");
        File.WriteAllBytes(path, bytes);
        Assert.That(() => CheckpointReader.Read(path), Throws.TypeOf<CheckpointException>().With.Message.Contains("by its checksum"));
    }

    [Test]
    public void AKeyThatIsNotThereIsRefusedWithThoseThatAre() =>
        Assert.That(
            () => CheckpointReader.Read(CheckpointFiles.Path("ema.pt"), "ema"),
            Throws.TypeOf<CheckpointException>().With.Message.EndsWith(
                "holds nothing under 'ema'; it has 'model', 'model_ema', 'optimizer', 'epoch'."));

    [Test]
    public void WhatIsMissingIsRefusedUnlessAPartWasAskedFor()
    {
        using OnnxModel model = CheckpointFiles.Model();
        Checkpoint whole = CheckpointFiles.Original();
        Checkpoint head = new("head.pt", whole.Tensors.Where(static t => t.Key.StartsWith("fc2", StringComparison.Ordinal))
            .ToDictionary(static t => "head." + t.Key, static t => t.Value));
        Assert.That(
            () => model.Load(model.Graph.Fit(head)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("lacks fc1.weight [32, 64], fc1.bias [32]"));
        Checkpoint fitted = model.Graph.Fit(head, isPartial: true);
        model.Load(fitted);
        Checkpoint loaded = model.ToCheckpoint("loaded"), own = model.Graph.ToCheckpoint("own");
        Assert.Multiple(() =>
        {
            Assert.That(CheckpointDifferences.Same(loaded.Tensors["fc2.weight"], whole.Tensors["fc2.weight"]), Is.True);
            Assert.That(CheckpointDifferences.Same(loaded.Tensors["fc1.weight"], own.Tensors["fc1.weight"]), Is.True);
            Assert.That(fitted.Notes[0], Is.EqualTo("names are taken without 'head.'"));
            Assert.That(fitted.Notes[1], Does.StartWith("the model's own values are kept for what it does not hold: fc1.weight"));
        });
    }

    [Test]
    public void APartOfAnotherModelIsRefusedAllTheSame()
    {
        using OnnxModel model = CheckpointFiles.Model();
        Checkpoint other = new("other.pt", new Dictionary<string, DataArray> { ["conv.weight"] = DataArray.From([1f], 1) });
        Assert.That(
            () => model.Load(model.Graph.Fit(other, isPartial: true)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("lacks").And.Message.Contains("holds conv.weight [1]"));
    }
}
