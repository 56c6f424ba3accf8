using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Testing;

/// <summary>Puts small graphs together, with seeded weights.</summary>
public sealed class TestGraph(int seed = 1)
{
    private readonly Random _random = new(seed);
    private readonly List<GraphValue> _inputs = [];
    private readonly List<GraphNode> _nodes = [];
    private readonly List<Initializer> _initializers = [];

    public int Opset { get; init; } = 17;

    public string Input(string name, params long?[] shape)
    {
        _inputs.Add(new GraphValue(name, ElementType.Float32, shape));
        return name;
    }

    public bool Has(string input) => _inputs.Any(i => i.Name == input);

    public string Scalar(string name, long value)
    {
        _initializers.Add(new Initializer(name, DataArray.From([value], [])));
        return name;
    }

    public string Parameter(string name, params long[] shape) => Parameter(name, -1, 1, shape);

    public string Parameter(string name, float low, float high, long[] shape)
    {
        float[] values = new float[Shapes.Count(shape)];
        for (int i = 0; i < values.Length; i++) values[i] = low + ((high - low) * _random.NextSingle());
        _initializers.Add(new Initializer(name, DataArray.From(values, shape)));
        return name;
    }

    public string Integers(string name, params long[] values)
    {
        _initializers.Add(new Initializer(name, DataArray.From(values, values.Length)));
        return name;
    }

    public string Node(string type, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = $"{type}{_nodes.Count}";
        _nodes.Add(
            new GraphNode(type, output, inputs, [output], attributes.Select(static a => KeyValuePair.Create(a.Name, Attribute(a.Value)))));
        return output;
    }

    public string[] Split(string[] inputs, int outputs, params (string Name, object Value)[] attributes)
    {
        string[] names = [.. Enumerable.Range(0, outputs).Select(i => $"Split{_nodes.Count}_{i}")];
        _nodes.Add(new GraphNode(
            "Split", names[0], inputs, names, attributes.Select(static a => KeyValuePair.Create(a.Name, Attribute(a.Value)))));
        return names;
    }

    public string Number(string name, float value)
    {
        _nodes.Add(new GraphNode("Constant", name, [], [name], [KeyValuePair.Create("value_float", Attribute(value))]));
        return name;
    }

    public string Numbers(string name, params float[] values)
    {
        _nodes.Add(new GraphNode(
            "Constant", name, [], [name], [KeyValuePair.Create("value_floats", (AttributeValue)new NumbersAttribute(values))]));
        return name;
    }

    public OnnxGraph Build(params string[] outputs) => new(
        "test.onnx", Opset, _inputs, [.. outputs.Select(static o => new GraphValue(o, ElementType.Float32, null))], _nodes, _initializers);

    /// <summary>Values for every declared input; free sizes become 3 and the example axis B.</summary>
    public Batch Batch(int examples, float low = -1, float high = 1) => new([.. _inputs.Select(input =>
    {
        long[] shape = [examples, .. input.Shape!.Skip(1).Select(static s => s ?? 3)];
        float[] values = new float[Shapes.Count(shape)];
        for (int i = 0; i < values.Length; i++) values[i] = low + ((high - low) * _random.NextSingle());
        return (input.Name, DataArray.From(values, shape));
    })]);

    /// <summary>Values of which no two of an example lie close together, so that a small step changes no maximum.</summary>
    public Batch DistinctBatch(int examples) => new([.. _inputs.Select(input =>
    {
        long[] shape = [examples, .. input.Shape!.Skip(1).Select(static s => s ?? 3)];
        int length = (int)(Shapes.Count(shape) / examples);
        float[] values = [.. Enumerable.Range(0, examples).SelectMany(_ =>
        {
            float[] levels = [.. Enumerable.Range(0, length).Select(i => (4f * i / length) - 2)];
            _random.Shuffle(levels);
            return levels;
        })];
        return (input.Name, DataArray.From(values, shape));
    })]);

    private static AttributeValue Attribute(object value) => value switch
    {
        int v => new IntegerAttribute(v),
        float v => new NumberAttribute(v),
        string v => new TextAttribute(v),
        long[] v => new IntegersAttribute(v),
        DataArray v => new ArrayAttribute(v),
        _ => throw new NotSupportedException(value.GetType().Name),
    };
}
