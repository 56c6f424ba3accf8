using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>A value of a network under construction.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Shape">Sizes of one example's part, without the example axis.</param>
public sealed record LayerValue(string Name, IReadOnlyList<long> Shape);

/// <summary>
/// Writes small networks in code. Every method adds one operation and returns its value; weights are named as PyTorch
/// names them (<c>layer.weight</c>, <c>layer.bias</c>) and are zero until <see cref="WeightInitializer"/> draws them.
/// </summary>
public sealed class GraphBuilder
{
    private const int Opset = 20;
    private readonly string _name;
    private readonly List<GraphValue> _inputs = [];
    private readonly List<GraphValue> _outputs = [];
    private readonly List<GraphNode> _nodes = [];
    private readonly List<Initializer> _initializers = [];

    /// <summary>Starts an empty network.</summary>
    /// <param name="name">What errors call it.</param>
    public GraphBuilder(string name) => _name = name;

    /// <summary>A float32 input [B, shape…].</summary>
    /// <param name="name">Its name in a batch.</param>
    /// <param name="shape">Sizes of one example's part.</param>
    public LayerValue Input(string name, params long[] shape)
    {
        _inputs.Add(new GraphValue(name, ElementType.Float32, [null, .. shape]));
        return new LayerValue(name, [.. shape]);
    }

    /// <summary>A convolution with a square kernel: [C, S…] to [channels, P…].</summary>
    /// <param name="x">Its input.</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="kernel">Kernel size on each spatial axis.</param>
    /// <param name="stride">Stride on each spatial axis.</param>
    /// <param name="padding">Zeros on each side; −1 for half the kernel, which keeps the size at stride 1.</param>
    /// <param name="groups">Groups.</param>
    /// <param name="bias">Whether it has a bias.</param>
    public LayerValue Conv(
        LayerValue x, string layer, int channels, int kernel, int stride = 1, int padding = -1, int groups = 1, bool bias = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        int axes = x.Shape.Count - 1;
        if (padding < 0) padding = kernel / 2;
        string[] inputs = [x.Name, Weight($"{layer}.weight", [channels, x.Shape[0] / groups, .. Enumerable.Repeat((long)kernel, axes)])];
        if (bias) inputs = [.. inputs, Weight($"{layer}.bias", [channels])];
        long[] shape = [channels, .. x.Shape.Skip(1).Select(s => ((s + (2 * padding) - kernel) / stride) + 1)];
        return Node(
            "Conv", layer, inputs, shape, ("group", new IntegerAttribute(groups)), ("kernel_shape", Each(kernel, axes)),
            ("strides", Each(stride, axes)), ("pads", Each(padding, 2 * axes)));
    }

    /// <summary>Batch normalization with stored statistics, which start at mean 0 and variance 1: [C, S…] to the same.</summary>
    public LayerValue BatchNorm(LayerValue x, string layer)
    {
        ArgumentNullException.ThrowIfNull(x);
        long channels = x.Shape[0];
        return Node(
            "BatchNormalization",
            layer,
            [
                x.Name,
                Weight($"{layer}.weight", [channels], 1),
                Weight($"{layer}.bias", [channels]),
                Weight($"{layer}.running_mean", [channels]),
                Weight($"{layer}.running_var", [channels], 1)
            ],
            x.Shape);
    }

    /// <summary>A dense layer: [I] to [width].</summary>
    public LayerValue Linear(LayerValue x, string layer, int width, bool bias = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape.Count != 1)
            throw new TrakException(
                $"The layer '{layer}' wants a vector for each example; it gets {Shapes.Text(x.Shape)}. Flatten it first.");
        string[] inputs = [x.Name, Weight($"{layer}.weight", [width, x.Shape[0]])];
        if (bias) inputs = [.. inputs, Weight($"{layer}.bias", [width])];
        return Node("Gemm", layer, inputs, [width], ("transB", new IntegerAttribute(1)));
    }

    /// <summary>max(x, 0).</summary>
    public LayerValue Relu(LayerValue x) => Unary("Relu", x);

    /// <summary>x·Φ(x).</summary>
    public LayerValue Gelu(LayerValue x) => Unary("Gelu", x);

    /// <summary>tanh.</summary>
    public LayerValue Tanh(LayerValue x) => Unary("Tanh", x);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public LayerValue Sigmoid(LayerValue x) => Unary("Sigmoid", x);

    /// <summary>The sum of two values of one shape.</summary>
    public LayerValue Add(LayerValue x, LayerValue y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        return Node("Add", "", [x.Name, y.Name], x.Shape);
    }

    /// <summary>The largest element of each square window: [C, S…] to [C, ⌊S/size⌋…].</summary>
    public LayerValue MaxPool(LayerValue x, int size) => Pool("MaxPool", x, size);

    /// <summary>The mean of each square window: [C, S…] to [C, ⌊S/size⌋…].</summary>
    public LayerValue AveragePool(LayerValue x, int size) => Pool("AveragePool", x, size);

    /// <summary>The mean of each channel: [C, S…] to [C, 1…].</summary>
    public LayerValue GlobalAveragePool(LayerValue x) => GlobalPool("GlobalAveragePool", x);

    /// <summary>The largest element of each channel: [C, S…] to [C, 1…].</summary>
    public LayerValue GlobalMaxPool(LayerValue x) => GlobalPool("GlobalMaxPool", x);

    /// <summary>One vector for each example.</summary>
    public LayerValue Flatten(LayerValue x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Node("Flatten", "", [x.Name], [Shapes.Count(x.Shape)]);
    }

    /// <summary>Makes a value an output of the network.</summary>
    /// <param name="x">The value.</param>
    /// <param name="name">The output's name.</param>
    public GraphBuilder Output(LayerValue x, string name = "logits")
    {
        ArgumentNullException.ThrowIfNull(x);
        _nodes.Add(new GraphNode("Identity", name, [x.Name], [name]));
        _outputs.Add(new GraphValue(name, ElementType.Float32, [null, .. x.Shape.Select(static s => (long?)s)]));
        return this;
    }

    /// <summary>Checks the network and hands it out.</summary>
    /// <exception cref="TrakException">A name occurs twice, or there is no output.</exception>
    public OnnxGraph Build() => new(_name, Opset, _inputs, _outputs, _nodes, _initializers);

    private static IntegersAttribute Each(long value, int count) => new([.. Enumerable.Repeat(value, count)]);

    private LayerValue GlobalPool(string type, LayerValue x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Node(type, "", [x.Name], [x.Shape[0], .. x.Shape.Skip(1).Select(static _ => 1L)]);
    }

    private LayerValue Unary(string type, LayerValue x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Node(type, "", [x.Name], x.Shape);
    }

    private LayerValue Pool(string type, LayerValue x, int size)
    {
        ArgumentNullException.ThrowIfNull(x);
        int axes = x.Shape.Count - 1;
        return Node(
            type, "", [x.Name], [x.Shape[0], .. x.Shape.Skip(1).Select(s => s / size)],
            ("kernel_shape", Each(size, axes)), ("strides", Each(size, axes)));
    }

    private LayerValue Node(
        string type, string name, string[] inputs, IReadOnlyList<long> shape, params (string Name, AttributeValue Value)[] attributes)
    {
        string output = name.Length > 0 ? name : $"{type.ToLowerInvariant()}_{_nodes.Count}";
        _nodes.Add(new GraphNode(type, output, inputs, [output], attributes.Select(static a => KeyValuePair.Create(a.Name, a.Value))));
        return new LayerValue(output, [.. shape]);
    }

    private string Weight(string name, long[] shape, float value = 0)
    {
        float[] values = new float[Shapes.Count(shape)];
        Array.Fill(values, value);
        _initializers.Add(new Initializer(name, DataArray.From(values, shape)));
        return name;
    }
}
