using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Bench;

/// <summary>Networks of a common build with weights drawn from a seed, and examples for them.</summary>
internal static class SampleNetworks
{
    /// <summary>
    /// The ResNet-9 of fast CIFAR-10 training, as attribution papers use it: images [3, 32, 32], a 5×5 convolution of stride 2,
    /// two residual blocks; 2,274,880 parameters.
    /// </summary>
    public static OnnxGraph ResNet9()
    {
        GraphBuilder builder = new("resnet9");
        LayerValue x = Unit(builder, builder.Input("image", 3, 32, 32), "layer0", 64, 1);
        x = Unit(builder, x, "layer1", 128, 2, kernel: 5);
        x = builder.Add(x, Unit(builder, Unit(builder, x, "layer2.0", 128, 1), "layer2.1", 128, 1));
        x = builder.MaxPool(Unit(builder, x, "layer3", 256, 1), 2);
        x = builder.Add(x, Unit(builder, Unit(builder, x, "layer4.0", 256, 1), "layer4.1", 256, 1));
        x = builder.GlobalMaxPool(Unit(builder, x, "layer5", 128, 1, padding: 0));
        return Drawn(builder.Output(builder.Linear(builder.Flatten(x), "head", 10, bias: false)).Build());
    }

    /// <summary>
    /// A transformer encoder of the size of a small BERT: 128 tokens of a vocabulary of 1,000, four layers of width 512 with eight
    /// heads and 2,048 hidden units, mean, classes; 13.1 M parameters.
    /// </summary>
    public static OnnxGraph SmallBert()
    {
        EncoderParts parts = new(128, 512, 8);
        string x = parts.Embedded(1000);
        for (int layer = 0; layer < 4; layer++) x = parts.Layer(x, $"layer{layer}");
        return Drawn(parts.Classified(x, 10));
    }

    /// <summary>Random examples for either, with labels.</summary>
    public static Batch Examples(OnnxGraph graph, int count)
    {
        Random random = new(3);
        long[] shape = [count, .. graph.Inputs[0].Shape!.Skip(1).Select(static s => s!.Value)];
        float[] values = new float[shape.Aggregate(1L, static (product, size) => product * size)];
        for (int i = 0; i < values.Length; i++) values[i] = (2 * random.NextSingle()) - 1;
        long[] labels = [.. Enumerable.Range(0, count).Select(static i => i % 10L)];
        DataArray inputs = graph.Inputs[0].Type == ElementType.Int64
            ? DataArray.From(values.Select(static v => (long)((v + 1) * 499)).ToArray(), shape) : DataArray.From(values, shape);
        return new Batch((graph.Inputs[0].Name, inputs), ("label", DataArray.From(labels, count)));
    }

    private static OnnxGraph Drawn(OnnxGraph graph)
    {
        Random random = new(1);
        Initializer[] drawn = [.. graph.Initializers.Select(
            i => !graph.IsParameter(i.Name) || i.Values.Shape.Count < 2 ? i : new Initializer(i.Name, Draw(random, i.Values.Shape)))];
        return new OnnxGraph(graph.Name, graph.Opset, graph.Inputs, graph.Outputs, graph.Nodes, drawn);
    }

    private static DataArray Draw(Random random, IReadOnlyList<long> shape)
    {
        long count = shape.Aggregate(1L, static (product, size) => product * size);
        float scale = MathF.Sqrt(3f * shape[0] / count);
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++) values[i] = ((2 * random.NextSingle()) - 1) * scale;
        return DataArray.From(values, [.. shape]);
    }

    private static LayerValue Unit(
        GraphBuilder builder, LayerValue x, string name, int channels, int stride, bool relu = true, int kernel = 3, int padding = -1)
    {
        x = builder.BatchNorm(builder.Conv(x, $"{name}.conv", channels, kernel, stride, padding, bias: false), $"{name}.norm");
        return relu ? builder.Relu(x) : x;
    }
}
