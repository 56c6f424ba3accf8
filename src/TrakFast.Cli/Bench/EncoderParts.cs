using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Bench;

/// <summary>A transformer encoder node by node, with attention as exporters write it.</summary>
internal sealed class EncoderParts(int tokens, int width, int heads)
{
    private const int Opset = 20;
    private readonly List<GraphNode> _nodes = [];
    private readonly List<Initializer> _initializers = [];

    /// <summary>Vectors of a table for an input of ids.</summary>
    public string Embedded(int vocabulary) => Node("Gather", [Stored("embedding.weight", [vocabulary, width]), "tokens"]);

    /// <summary>Attention and two dense layers, each behind a normalization and beside a shortcut.</summary>
    public string Layer(string x, string name)
    {
        string normal = Normal(x, $"{name}.norm1");
        string queries = Split(Linear(normal, $"{name}.query", width, width), [0, 2, 1, 3]);
        string keys = Split(Linear(normal, $"{name}.key", width, width), [0, 2, 3, 1]);
        string values = Split(Linear(normal, $"{name}.value", width, width), [0, 2, 1, 3]);
        string scores = Node("Mul", [Node("MatMul", [queries, keys]), Number(1 / MathF.Sqrt(width / heads))]);
        string mixed = Node("MatMul", [Node("Softmax", [scores], ("axis", new IntegerAttribute(-1))), values]);
        string joined = Node(
            "Reshape", [Node("Transpose", [mixed], ("perm", new IntegersAttribute([0, 2, 1, 3]))), Shape(0, tokens, width)]);
        x = Node("Add", [x, Linear(joined, $"{name}.out", width, width)]);
        string hidden = Node("Gelu", [Linear(Normal(x, $"{name}.norm2"), $"{name}.up", width, 4 * width)]);
        return Node("Add", [x, Linear(hidden, $"{name}.down", 4 * width, width)]);
    }

    /// <summary>The network whose last layer gives classes from the mean over tokens.</summary>
    public OnnxGraph Classified(string x, int classes)
    {
        string pooled = Node("ReduceMean", [Normal(x, "norm"), Shape(1)], ("keepdims", new IntegerAttribute(0)));
        string logits = Linear(pooled, "head", width, classes);
        return new OnnxGraph(
            "encoder", Opset, [new GraphValue("tokens", ElementType.Int64, [null, tokens])],
            [new GraphValue(logits, ElementType.Float32, [null, classes])], _nodes, _initializers);
    }

    private string Normal(string x, string name) =>
        Node("LayerNormalization", [x, Stored($"{name}.weight", [width], 1), Stored($"{name}.bias", [width])]);

    private string Linear(string x, string name, int from, int to) =>
        Node("Add", [Node("MatMul", [x, Stored($"{name}.weight", [from, to])]), Stored($"{name}.bias", [to])]);

    private string Split(string x, long[] order) =>
        Node("Transpose", [Node("Reshape", [x, Shape(0, tokens, heads, width / heads)])], ("perm", new IntegersAttribute(order)));

    private string Number(float value) => Node("Constant", [], ("value_float", new NumberAttribute(value)));

    private string Shape(params long[] sizes)
    {
        string name = $"sizes{_initializers.Count}";
        _initializers.Add(new Initializer(name, DataArray.From(sizes, sizes.Length)));
        return name;
    }

    private string Stored(string name, long[] shape, float value = 0)
    {
        float[] values = new float[shape.Aggregate(1L, static (product, size) => product * size)];
        Array.Fill(values, value);
        _initializers.Add(new Initializer(name, DataArray.From(values, shape)));
        return name;
    }

    private string Node(string type, string[] inputs, params (string Name, AttributeValue Value)[] attributes)
    {
        string output = $"{type}{_nodes.Count}";
        _nodes.Add(new GraphNode(type, output, inputs, [output], attributes.Select(static a => KeyValuePair.Create(a.Name, a.Value))));
        return output;
    }
}
