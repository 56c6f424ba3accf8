using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrakFast.TorchSharp.Tests;

/// <summary>The whole road with a module: loader, features, scores.</summary>
[TestFixture]
internal sealed class TrakerTests
{
    [Test]
    public async Task AModuleIsAttributedFromItsLoader()
    {
        TorchLibrary.Require();
        random.manual_seed(2);
        using Sequential module = Sequential(Linear(4, 8), ReLU(inplace: true), Linear(8, 3));
        using TorchModel model = new(module, ["x"], ["logits"]);
        Checkpoint checkpoint = TorchCheckpoint.From(module);
        string folder = Directory.CreateTempSubdirectory("trakfast-module").FullName;
        try
        {
            using Traker traker = new(
                model, new ImageClassification(), trainSetSize: 20,
                new TrakOptions { SaveDirectory = folder, ProjectionDimension = 64, Lambda = Lambda.Relative(1) });
            traker.LoadCheckpoint(checkpoint, modelId: 0);
            using DataLoader train = new(new Examples(20), 6, shuffle: false), targets = new(new Examples(3), 2, shuffle: false);
            await traker.FeaturizeAsync(TorchBatches.From(train));
            traker.FinalizeFeatures();
            traker.StartScoringCheckpoint("same", checkpoint, modelId: 0, targetCount: 3);
            await traker.ScoreAsync(TorchBatches.From(targets));
            using Scores scores = traker.FinalizeScores("same");

            // Targets are the first training examples, which speak for themselves the most.
            for (int target = 0; target < 3; target++) Assert.That(scores.Top(target, 1)[0].Index, Is.EqualTo(target));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Examples(int count) : global::TorchSharp.torch.utils.data.Dataset
    {
        public override long Count => count;

        public override Dictionary<string, Tensor> GetTensor(long index)
        {
            Random random = new((int)index);
            return new()
            {
                ["x"] = tensor(Enumerable.Range(0, 4).Select(_ => (float)(4 * random.NextDouble()) - 2).ToArray()),
                ["label"] = tensor(index % 3)
            };
        }
    }
}
