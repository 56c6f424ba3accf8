using System.Numerics.Tensors;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Quickstart;

/// <summary>The small convolutional network of the quickstart, and how it is trained.</summary>
internal static class DigitsNetwork
{
    /// <summary>Passes over the training examples.</summary>
    public const int Epochs = 25;

    /// <summary>Three convolutions of 3×3 with two poolings, and one dense layer: some 15,000 parameters.</summary>
    public static OnnxGraph Build()
    {
        GraphBuilder build = new("digits");
        LayerValue x = build.Input("image", 1, 8, 8);
        x = build.MaxPool(build.Relu(build.Conv(x, "conv1", 16, 3)), 2);
        x = build.Relu(build.Conv(x, "conv2", 32, 3));
        x = build.MaxPool(build.Relu(build.Conv(x, "conv3", 32, 3)), 2);
        return build.Output(build.Linear(build.Flatten(x), "head", DigitsData.Classes)).Build();
    }

    /// <summary>Trains a copy of the network on one thread.</summary>
    /// <param name="network">The network; its own weights stay as they are.</param>
    /// <param name="train">The training examples.</param>
    /// <param name="rows">Which of them to use; null for all.</param>
    /// <param name="seed">Decides the first weights and the order of the examples.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <param name="epochDone">Shown the copy after each epoch, and how many are done; null where nobody looks.</param>
    /// <returns>The trained copy, which the caller disposes.</returns>
    public static OnnxModel Train(
        OnnxModel network, Batch train, IReadOnlyList<long>? rows, ulong seed, CancellationToken cancellationToken,
        Action<OnnxModel, int>? epochDone = null)
    {
        OnnxModel model = network.Clone(new OnnxOptions { Workers = Workers.Single });
        try
        {
            WeightInitializer.Initialize(model, seed);
            TrainingOptions options = new() { Epochs = Epochs, BatchSize = 50, LearningRate = 0.05f, Seed = seed };
            using SgdTrainer trainer = new(model, options);
            trainer.Train(train, rows, (epoch, _) => epochDone?.Invoke(model, epoch), cancellationToken);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>f of each example, [B], and the class the network would say, [B].</summary>
    public static (float[] Outputs, long[] Predictions) Evaluate(OnnxModel model, Batch examples)
    {
        using ModelResult result = model.Forward(examples, ParameterSelection.None);
        float[] logits = result.First.ToArray();
        long[] predictions = new long[examples.Size];
        for (int b = 0; b < predictions.Length; b++)
        {
            Span<float> row = logits.AsSpan(b * DigitsData.Classes, DigitsData.Classes);
            predictions[b] = TensorPrimitives.IndexOfMax<float>(row);
        }

        return (Tasks.ImageClassification.GetOutput(result, examples).ToArray(), predictions);
    }
}
