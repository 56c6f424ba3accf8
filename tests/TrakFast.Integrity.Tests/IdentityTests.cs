using System.Text.Json.Nodes;
using TrakFast.Cli.Tests.Support;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Integrity.Tests;

/// <summary>Points 5 and 6: what made a directory is kept, compared and said.</summary>
public sealed class IdentityTests
{
    [Test]
    public void AnotherEngineIsRefusedUnlessItMayMix()
    {
        using SmallRun run = new();
        using (Traker traker = Open(run, "managed", ElementType.Float32, mix: false))
            Assert.That(traker.Store.Engines, Is.EqualTo(new[] { "managed float32" }));

        run.Run().AssertDone();
        SaveDirectoryException refused = Assert.Throws<SaveDirectoryException>(() => Open(run, "torch", ElementType.BFloat16, mix: false))!;
        Assert.That(refused.Message, Does.Contain("managed float32").And.Contain("torch bfloat16").And.Contain("--mix-engines"));
        using (Traker mixed = Open(run, "torch", ElementType.BFloat16, mix: true))
            Assert.That(mixed.Store.Engines, Is.EqualTo(new[] { "managed float32", "torch bfloat16" }));
    }

    [Test]
    public void UnknownFieldsAreKeptAndANewerFormatIsRefused()
    {
        using SmallRun run = new();
        run.Run().AssertDone();
        string path = Path.Combine(run.Save, "trakfast.json");
        JsonObject manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        manifest["later"] = "kept";
        manifest["run"]!["also"] = 3;
        manifest["models"]!["0"]!["too"] = true;
        File.WriteAllText(path, manifest.ToJsonString());
        run.Run("--resume", "--lambda", "2").AssertDone();
        JsonObject after = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.That((string?)after["later"], Is.EqualTo("kept"));
        Assert.That((int?)after["run"]!["also"], Is.EqualTo(3));
        Assert.That((bool?)after["models"]!["0"]!["too"], Is.True);
        Assert.That((string?)after["version"], Is.Not.Empty);

        after["format"] = 99;
        File.WriteAllText(path, after.ToJsonString());
        run.Run("--resume").AssertFailed("format 99", "newer");
        run.Top().AssertFailed("format 99", "newer");
    }

    [Test]
    public void TablesSayWhatMadeTheScoresAndNotTheNewestFinalization()
    {
        using Workspace work = new();
        work.Run("--lambda 3").AssertDone();
        using (TrakStore store = TrakStore.OpenForWriting(work.Save))
        {
            foreach (int id in store.ModelIds) new TrakScorer(store, lambda: Lambda.Relative(7)).FinalizeFeatures(id);
        }

        string top = work.Top("--targets 0").AssertDone().Output;
        Assert.That(top, Does.Contain("λ = 3 relative").And.Contain("managed float32").And.Contain("cpu (").And.Not.Contain("7 relative"));
        work.Report().AssertDone();
        Assert.That(File.ReadAllText(work["report.html"]), Does.Contain("3 relative").And.Not.Contain("7 relative"));
        string note = File.ReadAllText(work["save", "scores", "default.json"]);
        Assert.That(note, Does.Contain("\"lambda\": 3").And.Contain("managed float32").And.Contain("image=").And.Contain("\"version\""));
    }

    [Test]
    public void OtherDataOfTheSameSizeIsRefused()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        work.SetElements("train.image.npy", (5, 0.25));
        work.Report().AssertFailed("--train holds other data", "'image'");
        ToolResult.Of(["top", "--save-dir", work.Save, "--train", $"label={work["target.label.npy"]}"]).AssertFailed();
        work.Run("--resume").AssertFailed("training data");
        string sets = $"--model {work["model.onnx"]} --train image={work["train.image.npy"]} label={work["train.label.npy"]} "
            + $"--target image={work["target.image.npy"]} label={work["target.label.npy"]} --subset-count 2 --epochs 1";
        ToolResult.Of([.. $"eval --save-dir {work.Save} {sets}".Split(' ')]).AssertFailed("--train holds other data", "'image'");
    }

    private static Traker Open(SmallRun run, string engine, ElementType precision, bool mix)
    {
        OnnxModel model = OnnxModel.Load(run.File("model.onnx"));
        using NpyDataset train = NpyDataset.Open([("image", run.File("train.image.npy")), ("label", run.File("train.label.npy"))]);
        return new Traker(
            new Named(model, engine, precision), Tasks.ImageClassification, 6,
            new TrakOptions { SaveDirectory = run.Save, ProjectionDimension = 4, MixEngines = mix, TrainSetId = train.Hash() });
    }

    /// <summary>A model that calls itself something else.</summary>
    private sealed class Named(OnnxModel model, string engine, ElementType precision) : IModel
    {
        public string Engine => engine;

        public ElementType PassPrecision => precision;

        public MemorySpace BlockSpace => model.BlockSpace;

        public IReadOnlyList<ModelParameter> Parameters => model.Parameters;

        public IReadOnlyList<string> Inputs => model.Inputs;

        public string WeightHash => model.WeightHash;

        public void Load(Checkpoint checkpoint) => model.Load(checkpoint);

        public ModelResult Forward(Batch batch, ParameterSelection? selection = null) => model.Forward(batch, selection);

        public void Backward(Variable outputs, ParameterSelection selection, IGradientSink sink) =>
            model.Backward(outputs, selection, sink);

        public void Dispose() => model.Dispose();
    }
}
