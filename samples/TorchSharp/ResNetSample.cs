using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Sample;

/// <summary>Image classification: which training pictures made the network see this digit?</summary>
internal static class ResNetSample
{
    private const int Epochs = 12, BatchSize = 50, Shown = 5;

    /// <summary>Trains, attributes and prints.</summary>
    public static async Task RunAsync()
    {
        random.manual_seed(0);
        Digits digits = Digits.Read();
        using SmallResNet network = new();
        List<Checkpoint> checkpoints = Train(network, digits.Train);

        // All that TrakFast needs of a module is a name for what it reads and gives.
        DirectoryInfo directory = Directory.CreateTempSubdirectory("trakfast-resnet");
        using TorchModel model = new(network, inputs: ["image"], outputs: ["logits"]);
        using Traker traker = new(
            model, Tasks.ImageClassification, Digits.TrainCount,
            new TrakOptions { SaveDirectory = directory.FullName, ProjectionDimension = 1024 });
        for (int id = 0; id < checkpoints.Count; id++)
        {
            traker.LoadCheckpoint(checkpoints[id], id);
            using DataLoader loader = new(digits.Train, BatchSize, shuffle: false, disposeDataset: false);
            await traker.FeaturizeAsync(TorchBatches.From(loader)).ConfigureAwait(false);
        }

        traker.FinalizeFeatures();
        for (int id = 0; id < checkpoints.Count; id++)
        {
            traker.StartScoringCheckpoint("digits", checkpoints[id], id, Digits.TargetCount);
            using DataLoader loader = new(digits.Targets, BatchSize, shuffle: false, disposeDataset: false);
            await traker.ScoreAsync(TorchBatches.From(loader)).ConfigureAwait(false);
        }

        using Scores scores = traker.FinalizeScores("digits");
        int same = 0;
        for (int target = 0; target < Digits.TargetCount; target++)
        {
            long label = digits.Targets.LabelOf(target);
            var proponents = scores.Top(target, Shown);
            same += proponents.Count(p => digits.Train.LabelOf(p.Index) == label);
            if (target < Shown)
                Console.WriteLine(
                    $"A {label} is explained by "
                    + $"{string.Join(", ", proponents.Select(p => $"picture {p.Index} (a {digits.Train.LabelOf(p.Index)})"))}");
        }

        Console.WriteLine(
            $"Of the {Shown} strongest proponents of {Digits.TargetCount} targets, "
            + $"{same / (float)(Shown * Digits.TargetCount):P0} have the target's label.");
        Console.WriteLine($"Features and scores: {directory.FullName}");
    }

    // Checkpoints along one training are nearly as good as independent ones, and cost nothing.
    private static List<Checkpoint> Train(SmallResNet network, DigitSet data)
    {
        List<Checkpoint> checkpoints = [];
        using optim.Optimizer optimizer = optim.Adam(network.parameters(), 3e-3);
        for (int epoch = 1; epoch <= Epochs; epoch++)
        {
            network.train();
            double loss = 0;
            using DataLoader loader = new(data, BatchSize, shuffle: true, disposeDataset: false);
            foreach (Dictionary<string, Tensor> batch in loader)
            {
                using DisposeScope scope = NewDisposeScope();
                optimizer.zero_grad();
                Tensor error = nn.functional.cross_entropy(network.call(batch["image"]), batch["label"]);
                error.backward();
                optimizer.step();
                loss += error.item<float>() / loader.Count;
            }

            Console.WriteLine($"Epoch {epoch}: loss {loss:f3}");
            network.eval();
            if (epoch % 4 == 0) checkpoints.Add(TorchCheckpoint.From(network, $"epoch {epoch}"));
        }

        return checkpoints;
    }
}
