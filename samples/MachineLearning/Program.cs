using Microsoft.ML;
using Microsoft.ML.Data;
using TrakFast;
using TrakFast.Datasets;
using TrakFast.MachineLearning.Sample;
using TrakFast.ML;
using TrakFast.Onnx;

// An ML.NET pipeline whose model is a network trained here, and the training rows that made it answer as it does.
string data = Path.Combine(AppContext.BaseDirectory, "data");
string run = Directory.CreateTempSubdirectory("trakfast-mlnet-").FullName;
MLContext ml = new(seed: 1);
TextLoader.Column[] columns = [new("pixels", DataKind.Single, 0, 63), new("word", DataKind.String, 64)];
IDataView Load(string file) => ml.Data.LoadFromTextFile(Path.Combine(data, file), columns, separatorChar: ',', hasHeader: true);

// The digit's word becomes a key, numbered as the training rows bring them.
IDataView trainView = Load("pixels-train.csv"), targetView = Load("pixels-target.csv");
ITransformer toKeys = ml.Transforms.Conversion.MapValueToKey("label", "word").Fit(trainView);
DataViewSource trainRows = new(ml.Data.Cache(toKeys.Transform(trainView))), targetRows = new(ml.Data.Cache(toKeys.Transform(targetView)));

// The network, and what of the rows it reads.
GraphBuilder build = new("digits");
LayerValue hidden = build.Relu(build.Linear(build.Input("pixels", 64), "hidden", 32));
using OnnxModel model = new(build.Output(build.Linear(hidden, "head", 10)).Build());
ModelInput[] inputs = [.. model.Graph.Inputs.Select(static i => new ModelInput(i.Name, i.Type, i.Shape))];
ExamplePlan plan = ExamplePlan.Make(inputs, LabelKind.Classes, trainRows, targetRows, new DataOptions());
using SourceDataset train = new(trainRows, plan.Fields), targets = new(targetRows, plan.Fields);

WeightInitializer.Initialize(model, seed: 1);
using (SgdTrainer trainer = new(model, new TrainingOptions { Epochs = 20, Seed = 1 }))
    Console.WriteLine($"Loss {trainer.Train(train.Read(0, train.Count))[^1]:F3} after training on {train.Count} rows.");

// The network as a step of the pipeline. ML.NET maps rows on several threads, and a model is for one caller at a time.
Lock gate = new();
ITransformer pipeline = toKeys.Append(ml.Transforms.CustomMapping<PixelRow, AnswerRow>(
    (row, answer) =>
    {
        lock (gate)
        {
            using ModelResult result = model.Forward(new Batch(("pixels", DataArray.From(row.Pixels, 1, 64))), ParameterSelection.None);
            answer.Logits = result.First.ToArray();
        }
    },
    contractName: null).Fit(toKeys.Transform(trainView)));
DigitRow[] answers = [.. ml.Data.CreateEnumerable<DigitRow>(pipeline.Transform(targetView), reuseRowObject: false)];
string[] names = [.. plan.Classes!.Names!];
string Said(DigitRow row) => names[Array.IndexOf(row.Logits, row.Logits.Max())];
Console.WriteLine($"{answers.Count(row => Said(row) == row.Word)} of {answers.Length} targets are right.");

// Which training rows did this?
Checkpoint checkpoint = model.ToCheckpoint("trained");
try
{
    using Traker traker = new(
        model, Tasks.ImageClassification, train.Count, new TrakOptions { SaveDirectory = run, ProjectionDimension = 512 });
    traker.LoadCheckpoint(checkpoint, modelId: 0);
    await traker.FeaturizeAsync(train.Batches(32));
    await traker.FinalizeFeaturesAsync();
    traker.StartScoringCheckpoint("targets", checkpoint, modelId: 0, targets.Count);
    await traker.ScoreAsync(targets.Batches(32));
    using Scores scores = await traker.FinalizeScoresAsync("targets");

    IDataView strongest = ml.Data.LoadFromScores(scores, targets: [0, 8, 17], count: 3);
    foreach (IGrouping<long,
        ScoredRow> target in ml.Data.CreateEnumerable<ScoredRow>(strongest, reuseRowObject: false).GroupBy(static r => r.Target))
    {
        Console.WriteLine($"Target {target.Key}, {answers[target.Key].Word}, taken for {Said(answers[target.Key])}:");
        foreach (ScoredRow row in target)
            Console.WriteLine($"  {(row.IsProponent ? "for" : "against"),-7} {row.Score,9:E1}  row {row.TrainIndex,3}, {trainRows.Read(row.TrainIndex, "word")[0]}");
    }
}
finally
{
    Directory.Delete(run, recursive: true);
}
