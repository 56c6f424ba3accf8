using TrakFast.Onnx;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Checkpoints;

/// <summary>A LoRA adapter is merged as W + (α/r)·B·A.</summary>
public sealed class LoraTests
{
    [TestCase("")]
    [TestCase("model.")]
    public void TheWeightsAreThoseThatTorchComputes(string prefix)
    {
        LoraAdapter adapter = LoraAdapter.Read(CheckpointFiles.Path("adapter"));
        Checkpoint weights = new("w", CheckpointFiles.Original().Tensors.ToDictionary(t => prefix + t.Key, static t => t.Value));
        Checkpoint merged = adapter.MergeInto(weights);
        foreach ((string name, DataArray expected) in SafetensorsFile.Read(CheckpointFiles.Path("merged.safetensors")).Tensors)
            Assert.That(Fixtures.RelativeError(merged.Tensors[prefix + name].ToFloats(), expected.ToFloats()), Is.LessThan(1e-7), name);
        Assert.That(merged.Notes.Single(), Does.Contain("is merged into 2 layers, and 1 of its arrays replace others"));
    }

    [Test]
    public void TheModelsOwnWeightsTakeItToo()
    {
        using OnnxModel model = CheckpointFiles.Model();
        model.Load(model.Graph.Fit(LoraAdapter.Read(CheckpointFiles.Path("adapter")).MergeInto(model.Graph.ToStateDict("own"))));
        Checkpoint own = model.Graph.ToCheckpoint("own"), loaded = model.ToCheckpoint("loaded");
        Assert.That(loaded.Tensors["fc2.bias"].ToFloats()[0], Is.Not.EqualTo(own.Tensors["fc2.bias"].ToFloats()[0]));
    }

    [Test]
    public void LayersThatKeepTheirWeightsTurnedAndEmbeddingsTakeTheTranspose()
    {
        // B·A = [3; 6]·[1, 2, 4] for a layer [in 3, out 2]; an embedding of 3 rows has A [1, 3] and B [2, 1].
        using TemporaryDirectory folder = new();
        string path = Write(folder, """{"peft_type":"LORA","lora_alpha":2,"use_rslora":true,"fan_in_fan_out":true}""", new()
        {
            ["base_model.model.c.lora_A.weight"] = DataArray.From([1f, 2, 4], 1, 3),
            ["base_model.model.c.lora_B.weight"] = DataArray.From([3f, 6], 2, 1),
            ["base_model.model.e.lora_embedding_A"] = DataArray.From([1f, 2, 4], 1, 3),
            ["base_model.model.e.lora_embedding_B"] = DataArray.From([3f, 6], 2, 1),
        });
        Checkpoint merged = LoraAdapter.Read(path).MergeInto(new Checkpoint("w", new Dictionary<string, DataArray>
        {
            ["c.weight"] = DataArray.From(new float[6], 3, 2), ["e.weight"] = DataArray.From([1, 1, 1, 1, 1, 1f], 3, 2),
        }));
        Assert.Multiple(() =>
        {
            Assert.That(merged.Tensors["c.weight"].ToFloats(), Is.EqualTo(new float[] { 6, 12, 12, 24, 24, 48 }));
            Assert.That(merged.Tensors["e.weight"].ToFloats(), Is.EqualTo(new float[] { 7, 13, 13, 25, 25, 49 }));
        });
    }

    [TestCase("""{"peft_type":"LORA","lora_alpha":2,"use_dora":true}""", "says use_dora")]
    [TestCase("""{"peft_type":"IA3"}""", "an adapter of type IA3")]
    [TestCase("""{"peft_type":"LORA"}""", "says no lora_alpha")]
    [TestCase("""{"peft_type":"LORA","lora_alpha":2,"alpha_pattern":{"(":1}}""", "alpha_pattern '('")]
    [TestCase("""{"peft_type":"LORA","lora_alpha":2}""", "adapts 'gone.weight'")]
    [TestCase("[]", "is no JSON object")]
    [TestCase("{", "cannot be read as an adapter's configuration")]
    public void OtherAdaptersAreRefusedByName(string configuration, string part)
    {
        using TemporaryDirectory folder = new();
        string path = Write(folder, configuration, new()
        {
            ["base_model.model.gone.lora_A.weight"] = DataArray.From([1f, 2, 4], 1, 3),
            ["base_model.model.gone.lora_B.weight"] = DataArray.From([3f, 6], 2, 1),
        });
        Assert.That(
            () => LoraAdapter.Read(path).MergeInto(CheckpointFiles.Original()),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(part));
    }

    [TestCase("base_model.model.")]
    [TestCase("")]
    public void AModelWithTheAdaptersLayersTakesItsFileAndKeepsTheRest(string prefix)
    {
        GraphBuilder net = new("with its adapter");
        LayerValue x = net.Input("x", 4);
        LayerValue b = net.Linear(net.Linear(x, $"{prefix}q.lora_A.default", 2, bias: false), $"{prefix}q.lora_B.default", 3, bias: false);
        net.Output(net.Add(net.Linear(x, $"{prefix}q.base_layer", 3), b));
        using OnnxModel model = new(net.Build());
        Checkpoint file = new("adapter", new Dictionary<string, DataArray>
        {
            ["base_model.model.q.lora_A.weight"] = DataArray.From([1f, 2, 3, 4, 5, 6, 7, 8], 2, 4),
            ["base_model.model.q.lora_B.weight"] = DataArray.From([1f, 2, 3, 4, 5, 6], 3, 2),
        });
        Checkpoint fitted = model.Graph.Fit(file);
        model.Load(fitted);
        Checkpoint loaded = model.ToCheckpoint("loaded"), own = model.Graph.ToCheckpoint("own");
        Assert.Multiple(() =>
        {
            Assert.That(loaded.Tensors[$"{prefix}q.lora_A.default.weight"].ToFloats()[7], Is.EqualTo(8));
            Assert.That(loaded.Tensors[$"{prefix}q.lora_B.default.weight"].ToFloats()[5], Is.EqualTo(6));
            Assert.That(
                CheckpointDifferences.Same(loaded.Tensors[$"{prefix}q.base_layer.weight"], own.Tensors[$"{prefix}q.base_layer.weight"]), Is.True);
            Assert.That(fitted.Notes[^1], Does.StartWith("the model's own values are kept for what it does not hold: "));
        });
    }

    [Test]
    public void AnAdapterIsNoCheckpointOfAModelWithoutItsLayers()
    {
        using OnnxModel model = CheckpointFiles.Model();
        Assert.That(
            () => model.Graph.Fit(CheckpointReader.Read(CheckpointFiles.Path("adapter"))),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("--merge-adapter"));
    }

    private static string Write(TemporaryDirectory folder, string configuration, Dictionary<string, DataArray> tensors)
    {
        File.WriteAllText(Path.Combine(folder.Path, "adapter_config.json"), configuration);
        SafetensorsFile.Write(Path.Combine(folder.Path, "adapter_model.safetensors"), tensors);
        return folder.Path;
    }
}
