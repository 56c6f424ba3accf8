using Google.Protobuf;
using TrakFast.Onnx.Proto;
using Kind = TrakFast.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = TrakFast.Onnx.Proto.TensorProto.Types.DataType;

namespace TrakFast.Onnx.Tests;

/// <summary>Puts ONNX files together message by message, for what a graph of TrakFast cannot say.</summary>
internal sealed class ModelFile
{
    public ModelFile(int opset = 18)
    {
        Proto = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "test" } };
        Proto.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
    }

    public ModelProto Proto { get; }

    public GraphProto Graph => Proto.Graph;

    public ModelFile Input(string name, params long[] example) => Input(name, DataType.Float, example);

    public ModelFile Input(string name, DataType type, params long[] example)
    {
        Graph.Input.Add(Value(name, type, [-1, .. example]));
        return this;
    }

    public ModelFile Output(string name)
    {
        Graph.Output.Add(Value(name, DataType.Float));
        return this;
    }

    public ModelFile Array(string name, float[] values, params long[] shape)
    {
        Graph.Initializer.Add(Tensor(name, values, shape));
        return this;
    }

    public ModelFile Node(string type, string inputs, string outputs, params AttributeProto[] attributes)
    {
        Graph.Node.Add(MakeNode(type, inputs, outputs, attributes));
        return this;
    }

    public ModelFile Function(string name, string inputs, string outputs, params NodeProto[] nodes)
    {
        int domain = name.IndexOf("::", StringComparison.Ordinal);
        FunctionProto function = new() { Name = name[(domain + 2)..], Domain = name[..domain] };
        function.Input.AddRange(Names(inputs));
        function.Output.AddRange(Names(outputs));
        function.Node.AddRange(nodes);
        Proto.Functions.Add(function);
        return this;
    }

    public OnnxGraph Read()
    {
        using MemoryStream stream = new(Proto.ToByteArray());
        return OnnxFile.Read(stream, "test.onnx");
    }

    /// <summary>The first output for an input x of the given rows.</summary>
    public float[] Run(float[] values, params long[] shape) => Run(Read(), values, shape);

    public static float[] Run(OnnxGraph graph, float[] values, params long[] shape)
    {
        using OnnxModel model = new(graph);
        using ModelResult result = model.Forward(new Batch(("x", DataArray.From(values, shape))));
        return result.First.ToArray();
    }

    /// <param name="type">The operator, or <c>domain::name</c>.</param>
    /// <param name="inputs">Names with spaces between; a dash for one left out.</param>
    /// <param name="outputs">The same.</param>
    /// <param name="attributes">Attributes.</param>
    public static NodeProto MakeNode(string type, string inputs, string outputs, params AttributeProto[] attributes)
    {
        int domain = type.IndexOf("::", StringComparison.Ordinal);
        NodeProto node = new() { OpType = domain < 0 ? type : type[(domain + 2)..], Domain = domain < 0 ? "" : type[..domain] };
        node.Input.AddRange(Names(inputs));
        node.Output.AddRange(Names(outputs));
        node.Attribute.AddRange(attributes);
        return node;
    }

    public static AttributeProto Number(string name, float value) => new() { Name = name, Type = Kind.Float, F = value };

    public static AttributeProto Integer(string name, long value) => new() { Name = name, Type = Kind.Int, I = value };

    public static AttributeProto Reference(string name, string attribute, Kind kind = Kind.Float) =>
        new() { Name = name, RefAttrName = attribute, Type = kind };

    public static TensorProto Tensor(string name, float[] values, params long[] shape)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.AddRange(shape);
        tensor.FloatData.AddRange(values);
        return tensor;
    }

    private static IEnumerable<string> Names(string names) =>
        names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static n => n == "-" ? "" : n);

    private static ValueInfoProto Value(string name, DataType type, long[]? shape = null)
    {
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)type };
        if (shape is not null)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (long size in shape)
                tensor.Shape.Dim.Add(size < 0
                    ? new TensorShapeProto.Types.Dimension { DimParam = "batch" }
                    : new TensorShapeProto.Types.Dimension { DimValue = size });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
