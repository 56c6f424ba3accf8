using TorchSharp;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Sample;

/// <summary>CLIP: which pairs of picture and caption taught the towers to match this one?</summary>
internal static class ClipSample
{
    private const int Steps = 400, BatchSize = 100, Shown = 5;

    /// <summary>Trains, attributes and prints.</summary>
    public static async Task RunAsync()
    {
        random.manual_seed(0);
        Digits digits = Digits.Read();
        Dictionary<string, Tensor> train = new() { ["image"] = digits.Train.Images, ["text"] = Captions.Tokens(digits.Train) };
        Dictionary<string, Tensor> targets = new() { ["image"] = digits.Targets.Images, ["text"] = Captions.Tokens(digits.Targets) };
        using TwoTowers towers = new();
        Train(towers, train);
        Checkpoint checkpoint = TorchCheckpoint.From(towers);

        DirectoryInfo directory = Directory.CreateTempSubdirectory("trakfast-clip");
        using TorchModel model = new(towers, inputs: ["image", "text"], outputs: ["image_embeddings", "text_embeddings", "scale"]);
        ContrastSet contrast = ContrastSet.Draw(Digits.TrainCount, size: 200, seed: 0, indices => Rows(train, indices));
        using Traker traker = new(
            model, new Clip(contrast), Digits.TrainCount,
            new TrakOptions { SaveDirectory = directory.FullName, ProjectionDimension = 1024 });
        traker.LoadCheckpoint(checkpoint, modelId: 0);
        await traker.FeaturizeAsync(TorchBatches.From(train, BatchSize)).ConfigureAwait(false);
        traker.FinalizeFeatures();
        traker.StartScoringCheckpoint("pairs", checkpoint, modelId: 0, Digits.TargetCount);
        await traker.ScoreAsync(TorchBatches.From(targets, BatchSize)).ConfigureAwait(false);
        using Scores scores = traker.FinalizeScores("pairs");

        int same = 0;
        for (int target = 0; target < Digits.TargetCount; target++)
        {
            long label = digits.Targets.LabelOf(target);
            var proponents = scores.Top(target, Shown);
            same += proponents.Count(p => digits.Train.LabelOf(p.Index) == label);
            if (target < Shown)
                Console.WriteLine($"«{Captions.Of(label, target)}» is explained by {string.Join(", ", proponents.Select(p => $"«{Captions.Of(digits.Train.LabelOf(p.Index), p.Index)}» ({p.Index})"))}");
        }

        Console.WriteLine(
            $"Of the {Shown} strongest proponents of {Digits.TargetCount} pairs, "
            + $"{same / (float)(Shown * Digits.TargetCount):P0} show the same digit.");
        Console.WriteLine($"Features and scores: {directory.FullName}");
    }

    private static Batch Rows(Dictionary<string, Tensor> set, IReadOnlyList<long> indices)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = tensor(indices.ToArray());
        return TorchBatches.Of(set.ToDictionary(static t => t.Key, t => t.Value.index_select(0, rows)));
    }

    private static void Train(TwoTowers towers, Dictionary<string, Tensor> pairs)
    {
        using optim.Optimizer optimizer = optim.Adam(towers.parameters(), 2e-3);
        for (int step = 1; step <= Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor rows = randint(Digits.TrainCount, [BatchSize], dtype: ScalarType.Int64);
            (Tensor images, Tensor texts, Tensor scale) = towers.call(
                pairs["image"].index_select(0, rows), pairs["text"].index_select(0, rows));
            Tensor logits = scale * images.mm(texts.t()), own = arange(BatchSize);
            Tensor loss = (nn.functional.cross_entropy(logits, own) + nn.functional.cross_entropy(logits.t(), own)) / 2;
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            if (step % 100 == 0) Console.WriteLine($"Step {step}: loss {loss.item<float>():f3}");
        }

        towers.eval();
    }
}
