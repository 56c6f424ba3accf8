using TrakFast.Kernels;
using TrakFast.Onnx.Proto;
using Kind = TrakFast.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace TrakFast.Onnx;

/// <summary>
/// Turns a parsed ONNX file into a graph: functions are put in the place of their calls and what no output needs is left
/// out. Training information, quantization annotations, documentation and shapes of inner values are not looked at.
/// </summary>
internal sealed class GraphReader
{
    public const int OldestOpset = 11;
    public const int NewestOpset = 23;

    // Where PyTorch says what an array of the file was in the model.
    public const string InputKind = "pkg.torch.export.graph_signature.InputSpec.kind";
    public const string ParameterKind = "PARAMETER";

    private readonly GraphProto _graph;
    private readonly string _file;
    private readonly TensorReader _tensors;

    private GraphReader(GraphProto graph, string file, string? folder)
    {
        _graph = graph;
        _file = file;
        _tensors = new TensorReader(new ExternalFiles(file, folder));
    }

    /// <param name="model">The file.</param>
    /// <param name="file">What errors call it.</param>
    /// <param name="folder">Where it lies; null where it is read from a stream.</param>
    public static OnnxGraph Read(ModelProto model, string file, string? folder)
    {
        if (model.Graph is null) throw new TrakException($"{file} is not an ONNX model: it holds no graph.");
        return new GraphReader(model.Graph, file, folder).Read(model);
    }

    private static int Opset(ModelProto model, string file)
    {
        long[] versions =
            [.. model.OpsetImport.Where(static o => FunctionInliner.Domain(o.Domain).Length == 0).Select(static o => o.Version).Distinct()];
        if (versions.Length != 1)
            throw new TrakException($"{file} names {versions.Length} versions of ONNX's operator set; one is wanted.");
        return versions[0] is >= OldestOpset and <= NewestOpset
            ? (int)versions[0]
            : throw new TrakException(
                $"{file} uses version {versions[0]} of ONNX's operator set; versions {OldestOpset} to {NewestOpset} are supported.");
    }

    private OnnxGraph Read(ModelProto model)
    {
        int opset = Opset(model, _file);
        LiveNodes live = LiveNodes.Find(_graph.Node, _graph.Output);
        live = LiveNodes.Find(FunctionInliner.Inline(model, _file, opset, live.Nodes), _graph.Output);
        SparseTensorProto? sparse =
            _graph.SparseInitializer.FirstOrDefault(s => s.Values is { } values && live.Values.Contains(values.Name));
        if (sparse is not null)
            throw new TrakException($"{_file} stores '{sparse.Values.Name}' as a sparse array; only dense ones are supported.");
        HashSet<string> stored = new(_graph.Initializer.Select(static t => t.Name), StringComparer.Ordinal);
        return new OnnxGraph(
            _file,
            opset,
            [.. _graph.Input.Where(i => !stored.Contains(i.Name) && live.Values.Contains(i.Name)).Select(Value)],
            [.. _graph.Output.Select(Value)],
            [.. live.Nodes.Select(Node)],
            Initializers(live));
    }

    // An array that nothing reads may still be a weight that a checkpoint brings; other arrays of that kind are left out.
    private List<Initializer> Initializers(LiveNodes live)
    {
        Dictionary<string, bool> trained = new(StringComparer.Ordinal);
        foreach (ValueInfoProto value in _graph.ValueInfo.Concat(_graph.Input))
        {
            if (value.MetadataProps.FirstOrDefault(static m => m.Key == InputKind) is { } kind)
                trained[value.Name] = kind.Value == ParameterKind;
        }

        List<Initializer> initializers = new(_graph.Initializer.Count);
        foreach (TensorProto tensor in _graph.Initializer)
        {
            if (!live.Values.Contains(tensor.Name) && (tensor.Name.Length == 0 || TensorReader.Type(tensor.DataType)?.IsFloat() != true))
                continue;
            DataArray values = _tensors.Read(tensor, $"{_file}: the initializer '{tensor.Name}'");
            initializers.Add(
                new Initializer(tensor.Name, values) { Trained = trained.TryGetValue(tensor.Name, out bool known) ? known : null });
        }

        return initializers;
    }

    private GraphValue Value(ValueInfoProto value)
    {
        if (value.Type?.TensorType is not { } tensor)
            throw new TrakException($"{_file}: '{value.Name}' is not an array.");
        ElementType type = TensorReader.Type(tensor.ElemType)
            ?? throw new TrakException(
                $"{_file}: '{value.Name}' has the element type {(TensorProto.Types.DataType)tensor.ElemType}, which is not supported.");
        IReadOnlyList<long?>? shape = tensor.Shape is null
            ? null
            : [.. tensor.Shape.Dim.Select(
                static d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? d.DimValue : (long?)null)];
        if (shape?.Any(static s => s < 0) == true)
            throw new TrakException(
                $"{_file}: '{value.Name}' is declared with a negative size, {Shapes.Text(shape.Select(static s => s ?? 0))}.");
        IReadOnlyList<string?>? names = tensor.Shape is null
            ? null
            : [.. tensor.Shape.Dim.Select(
                static d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam ? d.DimParam : null)];
        return new GraphValue(value.Name, type, shape, names);
    }

    private GraphNode Node(NodeProto node)
    {
        string domain = FunctionInliner.Domain(node.Domain);
        GraphNode made = new(
            domain.Length == 0 ? node.OpType : $"{domain}::{node.OpType}", node.Name, node.Input, node.Output,
            node.Attribute.Select(a => Attribute(a, node)));
        return made.OpType switch
        {
            "If" => throw made.Wrong("chooses at run time which nodes run; export the model without control flow"),
            "Loop" or "Scan" => throw made.Wrong("chooses at run time how often nodes run; export the model without control flow"),
            _ => made,
        };
    }

    private KeyValuePair<string, AttributeValue> Attribute(AttributeProto attribute, NodeProto node) =>
        KeyValuePair.Create<string, AttributeValue>(attribute.Name, attribute.Type switch
        {
            _ when attribute.RefAttrName.Length > 0 => new OtherAttribute("reference to an attribute of a function"),
            Kind.Int => new IntegerAttribute(attribute.I),
            Kind.Ints => new IntegersAttribute([.. attribute.Ints]),
            Kind.Float => new NumberAttribute(attribute.F),
            Kind.Floats => new NumbersAttribute([.. attribute.Floats]),
            Kind.String => new TextAttribute(attribute.S.ToStringUtf8()),
            Kind.Strings => new TextsAttribute([.. attribute.Strings.Select(static s => s.ToStringUtf8())]),
            Kind.Tensor when attribute.T is not null =>
                new ArrayAttribute(_tensors.Read(attribute.T, $"{_file}: the attribute '{attribute.Name}' of node '{node.Name}'")),
            _ => new OtherAttribute(attribute.Type.ToString()),
        });
}
