using Microsoft.ML;
using Microsoft.ML.Data;
using TrakFast.Datasets;
using TrakFast.Kernels;
using TrakFast.ML.Tests.Support;
using TrakFast.Onnx;

namespace TrakFast.ML.Tests;

/// <summary>From a data view to features and scores, and from scores to a data view.</summary>
public sealed class WholePathTests
{
    private readonly MLContext _ml = new(seed: 1);
    private string _folder = string.Empty;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("trakfast-ml-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("columns")]
    [TestCase("vector")]
    [TestCase("cached")]
    public async Task PixelsOfAViewGiveTheFeaturesOfTheirFile(string form)
    {
        string csv = Samples.Path("pixels-train.csv");
        TextLoader.Column digit = new("digit", DataKind.String, 64);
        TextLoader.Column[] columns = form == "columns"
            ? [.. Enumerable.Range(0, 64).Select(static i => new TextLoader.Column($"p{i}", DataKind.Double, i)), digit]
            : [new("pixels", DataKind.Double, 0, 63), digit];
        IDataView view = _ml.Data.LoadFromTextFile(csv, columns, separatorChar: ',', hasHeader: true);
        if (form == "cached") view = _ml.Data.Cache(view);
        using OnnxModel model = OnnxModel.Load(Samples.Path("pixels.onnx"));
        string[] pixels = form == "columns" ? ["p*"] : ["pixels"];
        byte[] own = await FeaturesAsync(model, new DataViewSource(view), Options(pixels), "view");
        byte[] file = await FeaturesAsync(model, DataSource.Open(csv), Options(["p*"]), "file");
        Assert.That(own, Is.EqualTo(file).And.Some.Not.Zero);

        static DataOptions Options(string[] pixels) => new()
        {
            Columns = new Dictionary<string, IReadOnlyList<string>> { ["label"] = ["digit"], ["pixels"] = pixels },
        };
    }

    [Test]
    public async Task ReviewsOfAViewGiveTheFeaturesOfTheirFile()
    {
        string csv = Samples.Path("reviews-train.csv");
        IDataView view = _ml.Data.LoadFromTextFile(
            csv, [new("review", DataKind.String, 0), new("sentiment", DataKind.String, 1)], separatorChar: ',', hasHeader: true, allowQuoting: true);
        using OnnxModel model = OnnxModel.Load(Samples.Path("reviews.onnx"));
        DataOptions options = new()
        {
            Columns = new Dictionary<string, IReadOnlyList<string>> { ["text"] = ["review"], ["label"] = ["sentiment"] },
            Tokenizer = TextTokenizer.Read(Samples.Path("vocab.txt")),
        };
        byte[] own = await FeaturesAsync(model, new DataViewSource(view), options, "view");
        byte[] file = await FeaturesAsync(model, DataSource.Open(csv), options, "file");
        Assert.That(own, Is.EqualTo(file).And.Some.Not.Zero);
    }

    [Test]
    public async Task AKeyIsTheLabelThatItsPlaceSays()
    {
        string csv = Samples.Path("pixels-train.csv");
        IDataView view = _ml.Data.LoadFromTextFile(
            csv, [new("pixels", DataKind.Single, 0, 63), new("word", DataKind.String, 64)], separatorChar: ',', hasHeader: true);
        view = _ml.Transforms.Conversion.MapValueToKey("digit", "word").Fit(view).Transform(view);
        using OnnxModel model = OnnxModel.Load(Samples.Path("pixels.onnx"));
        DataViewSource source = new(view);
        DataOptions options = new() { Columns = new Dictionary<string, IReadOnlyList<string>> { ["label"] = ["digit"] } };
        ExamplePlan plan = ExamplePlan.Make(Inputs(model), LabelKind.Classes, source, null, options);
        using SourceDataset set = new(source, plan.Fields);
        Assert.That(plan.Classes!.Names, Is.EqualTo(new[] { "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine" }));
        Assert.That(set.Read([0, 12, 119])["label"].ToLongs(), Is.EqualTo(new[] { 0L, 1, 9 }));
        await foreach (Batch batch in set.Batches(32)) Assert.That(batch["pixels"].Shape[1], Is.EqualTo(64));
    }

    [Test]
    public async Task ScoresAreTheRowsOfAView()
    {
        using OnnxModel model = OnnxModel.Load(Samples.Path("pixels.onnx"));
        DataOptions options = new() { Columns = new Dictionary<string, IReadOnlyList<string>> { ["label"] = ["digit"], ["pixels"] = ["p*"] } };
        RowSource rows = DataSource.Open(Samples.Path("pixels-train.csv")), targetRows = DataSource.Open(Samples.Path("pixels-target.csv"));
        ExamplePlan plan = ExamplePlan.Make(Inputs(model), LabelKind.Classes, rows, targetRows, options);
        using SourceDataset train = new(rows, plan.Fields), targets = new(targetRows, plan.Fields);
        Checkpoint checkpoint = model.ToCheckpoint("pixels");
        using Traker traker = new(
            model, Tasks.ImageClassification, train.Count,
                new TrakOptions { SaveDirectory = Path.Combine(_folder, "run"), ProjectionDimension = 256 });
        traker.LoadCheckpoint(checkpoint, modelId: 0);
        await traker.FeaturizeAsync(train.Batches(32));
        await traker.FinalizeFeaturesAsync();
        traker.StartScoringCheckpoint("val", checkpoint, modelId: 0, targets.Count);
        await traker.ScoreAsync(targets.Batches(32));
        using Scores scores = await traker.FinalizeScoresAsync("val");

        IDataView matrix = _ml.Data.LoadScoreMatrix(scores);
        Assert.That(matrix.Schema["Scores"].Type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single, 20)));
        for (int again = 0; again < 2; again++)
        {
            ScoreRow[] all = [.. _ml.Data.CreateEnumerable<ScoreRow>(matrix, reuseRowObject: false)];
            Assert.That(all.Select(static r => r.TrainIndex), Is.EqualTo(Enumerable.Range(0, 120)));
            foreach (ScoreRow row in all) Assert.That(row.Scores, Is.EqualTo(scores.Row(row.TrainIndex)));
        }

        CheckStrongest(scores, [7, 3], count: 4);
        CheckStrongest(scores, null, count: 2);
        Assert.That(() => _ml.Data.LoadFromScores(scores, [20]), Throws.InstanceOf<ArgumentException>().Or.InstanceOf<TrakException>());
    }

    private static ModelInput[] Inputs(OnnxModel model) =>
        [.. model.Graph.Inputs.Select(static i => new ModelInput(i.Name, i.Type, i.Shape))];

    private void CheckStrongest(Scores scores, long[]? targets, int count)
    {
        ScoredRow[] rows = [..
            _ml.Data.CreateEnumerable<ScoredRow>(_ml.Data.LoadFromScores(scores, targets, count), reuseRowObject: false)];
        targets ??= [.. Enumerable.Range(0, 20).Select(static t => (long)t)];
        Assert.That(rows.Select(static r => r.Target), Is.EqualTo(targets.SelectMany(t => Enumerable.Repeat(t, 2 * count))));
        foreach (long target in targets)
        {
            foreach ((bool isProponent, IReadOnlyList<TrainScore> expected) in new[] { (true, scores.Top(target, count)),
                (false, scores.Bottom(target, count)) })
            {
                ScoredRow[] own = [.. rows.Where(r => r.Target == target && r.IsProponent == isProponent)];
                Assert.That(own.Select(static r => new TrainScore(r.TrainIndex, r.Score)), Is.EqualTo(expected));
                Assert.That(own.Select(static r => r.Rank), Is.EqualTo(Enumerable.Range(1, count)));
            }
        }
    }

    private async Task<byte[]> FeaturesAsync(OnnxModel model, RowSource source, DataOptions options, string name)
    {
        using SourceDataset set = new(source, ExamplePlan.Make(Inputs(model), LabelKind.Classes, source, null, options).Fields);
        string run = Path.Combine(_folder, name);
        using (Traker traker = new(
            model, Tasks.ImageClassification, set.Count, new TrakOptions { SaveDirectory = run, ProjectionDimension = 128 }))
        {
            traker.LoadCheckpoint(model.ToCheckpoint("own"), modelId: 0);
            await traker.FeaturizeAsync(set.Batches(32));
            await traker.FinalizeFeaturesAsync();
        }

        return await File.ReadAllBytesAsync(Path.Combine(run, "0", "grads.mmap"));
    }
}
