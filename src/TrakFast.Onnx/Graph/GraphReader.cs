using TrakFast.Kernels;
using TrakFast.Onnx.Proto;

namespace TrakFast.Onnx;

/// <summary>Turns a parsed ONNX file into a graph.</summary>
internal static class GraphReader
{
    public const int OldestOpset = 11;
    public const int NewestOpset = 23;

    public static OnnxGraph Read(ModelProto model, string file)
    {
        if (model.Graph is null) throw new TrakException($"{file} is not an ONNX model: it holds no graph.");
        GraphProto graph = model.Graph;
        if (graph.SparseInitializer.Count > 0)
            throw new TrakException($"{file} stores {graph.SparseInitializer.Count} sparse arrays; only dense ones are supported.");
        int opset = Opset(model, file);
        return new OnnxGraph(
            file,
            opset,
            [.. graph.Input.Where(i => graph.Initializer.All(t => t.Name != i.Name)).Select(i => Value(i, file))],
            [.. graph.Output.Select(o => Value(o, file))],
            [.. graph.Node.Select(n => Node(n, file))],
            [.. graph.Initializer.Select(t => new Initializer(t.Name, TensorReader.Read(t, $"{file}: the initializer '{t.Name}'")))]);
    }

    private static int Opset(ModelProto model, string file)
    {
        OperatorSetIdProto[] sets = [.. model.OpsetImport.Where(static o => o.Domain is "" or "ai.onnx")];
        if (sets.Length != 1) throw new TrakException($"{file} names {sets.Length} versions of ONNX's operator set; one is wanted.");
        long version = sets[0].Version;
        return version is >= OldestOpset and <= NewestOpset
            ? (int)version
            : throw new TrakException($"{file} uses version {version} of ONNX's operator set; versions {OldestOpset} to {NewestOpset} are supported.");
    }

    private static GraphValue Value(ValueInfoProto value, string file)
    {
        if (value.Type?.TensorType is not { } tensor)
            throw new TrakException($"{file}: '{value.Name}' is not an array.");
        ElementType type = TensorReader.Type(tensor.ElemType)
            ?? throw new TrakException($"{file}: '{value.Name}' has the element type {(TensorProto.Types.DataType)tensor.ElemType}, which is not supported.");
        IReadOnlyList<long?>? shape = tensor.Shape is null
            ? null
            : [.. tensor.Shape.Dim.Select(static d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? d.DimValue : (long?)null)];
        if (shape?.Any(static s => s < 0) == true)
            throw new TrakException($"{file}: '{value.Name}' is declared with a negative size, {Shapes.Text(shape.Select(static s => s ?? 0))}.");
        IReadOnlyList<string?>? names = tensor.Shape is null
            ? null
            : [.. tensor.Shape.Dim.Select(static d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam ? d.DimParam : null)];
        return new GraphValue(value.Name, type, shape, names);
    }

    private static GraphNode Node(NodeProto node, string file)
    {
        string type = node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}::{node.OpType}";
        return new GraphNode(type, node.Name, node.Input, node.Output, node.Attribute.Select(a => Attribute(a, node, file)));
    }

    private static KeyValuePair<string, AttributeValue> Attribute(AttributeProto attribute, NodeProto node, string file) =>
        KeyValuePair.Create<string, AttributeValue>(attribute.Name, attribute.Type switch
        {
            AttributeProto.Types.AttributeType.Int => new IntegerAttribute(attribute.I),
            AttributeProto.Types.AttributeType.Ints => new IntegersAttribute([.. attribute.Ints]),
            AttributeProto.Types.AttributeType.Float => new NumberAttribute(attribute.F),
            AttributeProto.Types.AttributeType.Floats => new NumbersAttribute([.. attribute.Floats]),
            AttributeProto.Types.AttributeType.String => new TextAttribute(attribute.S.ToStringUtf8()),
            AttributeProto.Types.AttributeType.Strings => new TextsAttribute([.. attribute.Strings.Select(static s => s.ToStringUtf8())]),
            AttributeProto.Types.AttributeType.Tensor when attribute.T is not null =>
                new ArrayAttribute(TensorReader.Read(attribute.T, $"{file}: the attribute '{attribute.Name}' of node '{node.Name}'")),
            _ => new OtherAttribute(attribute.Type.ToString()),
        });
}
