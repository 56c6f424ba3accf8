using TrakFast.Cli.Tests.Support;
using TrakFast.Onnx;

namespace TrakFast.Cli.Tests.Tool;

/// <summary>Every task from files to scores, and retrained on subsets, on small networks.</summary>
public sealed class TaskCommandTests
{
    private const int N = 18, M = 4;
    private string _root = null!;

    [SetUp]
    public void SetUp() => _root = Directory.CreateTempSubdirectory("trakfast-task-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_root, recursive: true);

    [TestCase("text_classification", 3)]
    [TestCase("binary_classification", 1)]
    [TestCase("regression", 1)]
    [TestCase("regression", 2)]
    [TestCase("language_modeling", 12)]
    public void RunsAndIsRetrained(string task, int width)
    {
        Write(task, width);
        string output = Run(task).AssertDone().Output;
        Assert.That(output, (task, width) switch
        {
            ("regression", 2) => Does.Match(@"Mean Q of model 0 +1\s"),
            _ => Does.Match(@"Mean Q of model 0 +0\.\d"),
        });
        float[] scores = NpyFile.Read(At("save", "scores", "default.mmap")).ToFloats();
        Assert.That(scores, Has.Length.EqualTo(N * M));
        Assert.That(scores.All(float.IsFinite) && scores.Any(static s => s != 0), Is.True);
        Assert.That(
            File.ReadAllText(At("save", "trakfast.json")),
            task == "regression" ? Does.Contain("\"task_settings\": {}") : Does.Contain("\"temperature\": \"1\""));
        ToolResult eval = ToolResult.Of([.. $"eval --save-dir {At("save")} --model {At("model.onnx")} --subset-count 6 --repeats 2 --epochs 2 --learning-rate 0.01 --threads 1".Split(' '), .. Sets(task)]).AssertDone();
        Assert.That(eval.Output, Does.Contain("ceiling (split halves)"));
    }

    [Test]
    public void ResidualsOfEitherSignCountByTheirSize()
    {
        Write("regression", 1);
        NpyFile.Write(At("train.label.npy"), DataArray.From([.. Enumerable.Range(0, N).Select(static i => i % 2 == 0 ? 1e6f : -1e6f)], N));
        Assert.That(Run("regression").AssertDone().Output, Does.Match(@"Mean \|Q\| of model 0 +1E\+06\s"));
    }

    [Test]
    public void AWrongLabelIsFoundBeforeAnythingIsWritten()
    {
        Write("binary_classification", 1);
        long[] labels = NpyFile.Read(At("train.label.npy")).ToLongs();
        labels[^1] = 2;
        NpyFile.Write(At("train.label.npy"), DataArray.From(labels, N));
        Run("binary_classification").AssertFailed("--train", "holds 2 (example 17)");
        Assert.That(Directory.Exists(At("save")), Is.False);
    }

    [Test]
    public void AMissingLabelIsFoundBeforeAnythingIsWritten()
    {
        Write("regression", 1);
        ToolResult.Of([.. $"run --task regression --model {At("model.onnx")} --train x={At("train.x.npy")} --target x={At("target.x.npy")} --save-dir {At("save")}".Split(' ')])
            .AssertFailed("--train", "'label'");
        Assert.That(Directory.Exists(At("save")), Is.False);
    }

    [Test]
    public void ATextWithoutATokenToPredictIsFoundBeforeAnythingIsWritten()
    {
        Write("language_modeling", 12);
        long[] ids = NpyFile.Read(At("train.labels.npy")).ToLongs();
        ids.AsSpan(11 * 4, 4).Fill(-100);
        NpyFile.Write(At("train.labels.npy"), DataArray.From(ids, N, 4));
        Run("language_modeling").AssertFailed("--train", "Example 11 has no token to predict");
        Assert.That(Directory.Exists(At("save")), Is.False);
    }

    [Test]
    public void TheTemperatureIsKeptAndCompared()
    {
        Write("binary_classification", 1);
        Run("binary_classification", "--temperature 3").AssertDone();
        Run("binary_classification", "--resume").AssertFailed("task's temperature 3, now 1");
        Run("text_classification", "--resume").AssertFailed("--train");
    }

    private ToolResult Run(string task, string more = "") => ToolResult.Of(
        [.. $"run --task {task} --model {At("model.onnx")} --checkpoint {At("weights.safetensors")} --save-dir {At("save")} --projection rademacher --projection-dim 8 --threads 1 {more}".Split(' ', StringSplitOptions.RemoveEmptyEntries), .. Sets(task)]);

    private string[] Sets(string task)
    {
        string label = task == "language_modeling" ? "labels" : "label";
        return
        [
            "--train", $"x={At("train.x.npy")}", $"{label}={At($"train.{label}.npy")}", "--target", $"x={At("target.x.npy")}",
            $"{label}={At($"target.{label}.npy")}"
        ];
    }

    private string At(params string[] parts) => Path.Combine([_root, .. parts]);

    /// <summary>A network of one hidden layer, whose outputs are cut into four positions of tokens for language modeling.</summary>
    private void Write(string task, int width)
    {
        GraphBuilder net = new(task);
        net.Output(net.Linear(net.Tanh(net.Linear(net.Input("x", 3), "hidden", 4)), "head", width));
        OnnxGraph graph = net.Build();
        if (task == "language_modeling")
        {
            graph = new OnnxGraph(
                task,
                graph.Opset,
                graph.Inputs,
                [new GraphValue("text", Kernels.ElementType.Float32, [null, 4, 3])],
                [.. graph.Nodes, new GraphNode("Reshape", "cut", ["logits", "sizes"], ["text"])],
                [.. graph.Initializers, new Initializer("sizes", DataArray.From([0L, 4, 3], 3))]);
        }

        using (OnnxModel model = new(graph))
        {
            WeightInitializer.Initialize(model, 3);
            OnnxFile.Write(graph, At("model.onnx"));
            SafetensorsFile.Write(At("weights.safetensors"), model.ToCheckpoint("weights").Tensors);
        }

        Random random = new(2);
        foreach ((string set, int count) in new[] { ("train", N), ("target", M) })
        {
            NpyFile.Write(
                At($"{set}.x.npy"), DataArray.From([.. Enumerable.Range(0, count * 3).Select(_ => random.NextSingle() - 0.5f)], count, 3));
            switch (task)
            {
                case "language_modeling":
                    NpyFile.Write(
                        At($"{set}.labels.npy"),
                        DataArray.From([.. Enumerable.Range(0, count * 4).Select(_ => (long)random.Next(3))], count, 4));
                    break;
                case "regression":
                    NpyFile.Write(
                        At($"{set}.label.npy"),
                        DataArray.From([.. Enumerable.Range(0, count * width).Select(_ => random.NextSingle())], count, width));
                    break;
                default:
                    NpyFile.Write(
                        At($"{set}.label.npy"),
                        DataArray.From([.. Enumerable.Range(0, count).Select(_ => (long)random.Next(Math.Max(2, width)))], count));
                    break;
            }
        }
    }
}
