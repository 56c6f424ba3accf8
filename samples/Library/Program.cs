using TrakFast;
using TrakFast.Onnx;

// The README's library sample, on the data in this folder.
Directory.SetCurrentDirectory(Path.Combine(AppContext.BaseDirectory, "data"));

using OnnxModel model = OnnxModel.Load("model.onnx");
using NpyDataset train = NpyDataset.Open([("image", "train.image.npy"), ("label", "train.label.npy")]);
using NpyDataset targets = NpyDataset.Open([("image", "target.image.npy"), ("label", "target.label.npy")]);
Checkpoint[] checkpoints = [SafetensorsFile.Read("checkpoint_0.safetensors"), SafetensorsFile.Read("checkpoint_1.safetensors")];

TrakOptions options = new() { SaveDirectory = "run", ProjectionDimension = 512 };
using Traker traker = new(model, Tasks.ImageClassification, train.Count, options);
for (int id = 0; id < checkpoints.Length; id++)
{
    traker.LoadCheckpoint(checkpoints[id], modelId: id);
    await traker.FeaturizeAsync(train.Batches(32));
}

await traker.FinalizeFeaturesAsync();
for (int id = 0; id < checkpoints.Length; id++)
{
    traker.StartScoringCheckpoint("val", checkpoints[id], modelId: id, targets.Count);
    await traker.ScoreAsync(targets.Batches(32));
}

using Scores scores = await traker.FinalizeScoresAsync("val");
foreach (var proponent in scores.Top(target: 0, count: 5)) Console.WriteLine(proponent);
