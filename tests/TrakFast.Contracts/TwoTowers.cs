using TrakFast.Onnx;

namespace TrakFast.Testing;

/// <summary>A CLIP of dense layers, small enough to check by eye, with its training examples and targets.</summary>
public static class TwoTowers
{
    public const int TrainSize = 24;
    public const int TargetCount = 5;

    /// <summary>Two towers to embeddings [B, 3], and a scale e^logit_scale that all examples share.</summary>
    /// <param name="named">Names of the outputs.</param>
    public static OnnxGraph Graph(params string[] named)
    {
        if (named.Length == 0) named = ["image_embeddings", "text_embeddings", "scale"];
        GraphBuilder net = new("towers");
        net.Output(net.Tanh(net.Linear(net.Input("image", 4), "visual", 3)), named[0]);
        net.Output(net.Tanh(net.Linear(net.Input("text", 2), "text_proj", 3)), named[1]);
        OnnxGraph towers = net.Build();
        if (named.Length < 3) return towers;
        return new OnnxGraph(
            towers.Name,
            towers.Opset,
            towers.Inputs,
            [.. towers.Outputs, new GraphValue(named[2], Kernels.ElementType.Float32, [])],
            [.. towers.Nodes, new GraphNode("Exp", "exp", ["logit_scale"], [named[2]])],
            [.. towers.Initializers, new Initializer("logit_scale", DataArray.From([0f], []))]);
    }

    /// <summary>Weights of a checkpoint.</summary>
    public static Checkpoint Weights(int seed)
    {
        Random random = new(seed);
        return new Checkpoint($"towers {seed}", new Dictionary<string, DataArray>
        {
            ["visual.weight"] = Numbers(random, 3, 4),
            ["visual.bias"] = Numbers(random, 3),
            ["text_proj.weight"] = Numbers(random, 3, 2),
            ["text_proj.bias"] = Numbers(random, 3),
            ["logit_scale"] = DataArray.From([1f], []),
        });
    }

    /// <summary>Some examples.</summary>
    public static Batch Examples(int seed, int count)
    {
        Random random = new(seed);
        return new Batch(("image", Numbers(random, count, 4)), ("text", Numbers(random, count, 2)));
    }

    private static DataArray Numbers(Random random, params long[] shape) =>
        DataArray.From([.. Enumerable.Range(0, (int)Shapes.Count(shape)).Select(_ => (2 * random.NextSingle()) - 1)], shape);
}
