using TrakFast.Onnx;

namespace TrakFast.Tests.Readme;

/// <summary>The code of the README and the tutorials, as it stands there between the marks.</summary>
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

    public static async Task TextAsync(TextWriter output)
    {
        TextWriter Console = output;

        // sample: text
        string[] arrays = ["input_ids", "token_type_ids", "attention_mask", "label"];
        using OnnxModel model = OnnxModel.Load("model.onnx");
        using NpyDataset train = NpyDataset.Open(arrays.Select(name => (name, $"train.{name}.npy")));
        using NpyDataset targets = NpyDataset.Open(arrays.Select(name => (name, $"target.{name}.npy")));
        Checkpoint checkpoint = SafetensorsFile.Read("checkpoint_0.safetensors");

        using Traker traker = new(model, TrakFast.Tasks.TextClassification, train.Count, new TrakOptions { SaveDirectory = "run", ProjectionDimension = 512 });
        traker.LoadCheckpoint(checkpoint, modelId: 0);
        await traker.FeaturizeAsync(train.Batches(16));
        traker.FinalizeFeatures();
        traker.StartScoringCheckpoint("val", checkpoint, modelId: 0, targets.Count);
        await traker.ScoreAsync(targets.Batches(16));
        using Scores scores = traker.FinalizeScores("val");
        foreach (var proponent in scores.Top(target: 0, count: 5)) Console.WriteLine(proponent);
        // end
    }

    public static async Task ClipAsync(TextWriter output)
    {
        TextWriter Console = output;

        // sample: clip
        using OnnxModel model = OnnxModel.Load("model.onnx");
        using NpyDataset train = NpyDataset.Open([("image", "train.image.npy"), ("text", "train.text.npy")]);
        using NpyDataset targets = NpyDataset.Open([("image", "target.image.npy"), ("text", "target.text.npy")]);
        Checkpoint checkpoint = SafetensorsFile.Read("checkpoint_0.safetensors");

        ContrastSet contrast = ContrastSet.Draw(train.Count, size: null, seed: 0, train.Read);   // 300, or all where there are fewer
        using Traker traker = new(model, new Clip(contrast), train.Count, new TrakOptions { SaveDirectory = "run", ProjectionDimension = 512 });
        traker.LoadCheckpoint(checkpoint, modelId: 0);   // takes the embeddings of the contrast set
        await traker.FeaturizeAsync(train.Batches(32));
        traker.FinalizeFeatures();
        traker.StartScoringCheckpoint("val", checkpoint, modelId: 0, targets.Count);
        await traker.ScoreAsync(targets.Batches(32));
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

// sample: tags
/// <summary>Tags, each there or not: f is the sum of their log-odds toward the right answer.</summary>
public sealed class Tags : ModelOutput
{
    public override string Name => "tags";

    public override Variable GetOutput(ModelResult result, Batch batch) => Margins(result, batch).Sum(1);   // [B]

    public override Variable GetOutToLossGradient(ModelResult result, Batch batch) =>
        FromLoss(Margins(result, batch), Loss).Mean(1);   // the engine differentiates; [B]

    public override Variable GetLoss(ModelResult result, Batch batch) => Loss(Margins(result, batch)).Mean(1);

    public override void Check(ModelResult probe, Batch arrays, long first)
    {
        int wrong = Array.FindIndex(arrays["sign"].ToFloats(), sign => sign is not (1 or -1));
        if (wrong >= 0) throw new TrakException($"A sign is 1 or −1; example {first + (wrong / probe.First.Shape[1])} has another.");
    }

    private static Variable Margins(ModelResult result, Batch batch)
    {
        Variable logits = result["logits"];                     // [B, tags]
        return logits * logits.Constant(batch["sign"]);         // +1 where the tag is there, −1 where not
    }

    private static Variable Loss(Variable margins) => (1 + (-margins).Exp()).Log();
}
// end
