using TrakFast.Onnx;

namespace TrakFast.Tests.Readme;

/// <summary>The README's code, as it stands there between the marks.</summary>
internal static class ReadmeSamples
{
    public static async Task LibraryAsync(TextWriter output)
    {
        TextWriter Console = output;

        // sample: library
        using OnnxModel model = OnnxModel.Load("model.onnx");
        using NpyDataset train = NpyDataset.Open([("image", "train.image.npy"), ("label", "train.label.npy")]);
        using NpyDataset targets = NpyDataset.Open([("image", "target.image.npy"), ("label", "target.label.npy")]);
        Checkpoint[] checkpoints = [SafetensorsFile.Read("checkpoint_0.safetensors"), SafetensorsFile.Read("checkpoint_1.safetensors")];

        TrakOptions options = new() { SaveDirectory = "run", ProjectionDimension = 512 };
        using Traker traker = new(model, TrakFast.Tasks.ImageClassification, train.Count, options);
        for (int id = 0; id < checkpoints.Length; id++)
        {
            traker.LoadCheckpoint(checkpoints[id], modelId: id);
            await traker.FeaturizeAsync(train.Batches(32));
        }

        traker.FinalizeFeatures();
        for (int id = 0; id < checkpoints.Length; id++)
        {
            traker.StartScoringCheckpoint("val", checkpoints[id], modelId: id, targets.Count);
            await traker.ScoreAsync(targets.Batches(32));
        }

        using Scores scores = traker.FinalizeScores("val");
        foreach (var proponent in scores.Top(target: 0, count: 5)) Console.WriteLine(proponent);
        // end
    }
}

// sample: task
/// <summary>A detector with one score an example: f is the score toward the right answer.</summary>
public sealed class DetectorOutput : ModelOutput
{
    public override Variable GetOutput(ModelResult result, Batch batch)
    {
        Variable score = result["score"].Reshape(-1);              // [B]
        return score * score.Constant(batch["sign"]);              // +1 or −1 for each example
    }

    public override Variable GetOutToLossGradient(ModelResult result, Batch batch) =>
        FromLoss(GetOutput(result, batch), f => (1 + (-f).Exp()).Log());   // logistic loss; the engine differentiates it
}
// end
