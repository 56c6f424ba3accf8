using Google.Protobuf;
using TrakFast.Onnx.Proto;
using Kind = TrakFast.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace TrakFast.Onnx;

/// <summary>Turns a graph into ONNX messages.</summary>
internal static class GraphWriter
{
    private const string BufferKind = "BUFFER";

    public static ModelProto Write(OnnxGraph graph)
    {
        GraphProto proto = new() { Name = graph.Name };
        proto.Input.AddRange(graph.Inputs.Select(Value));
        proto.Output.AddRange(graph.Outputs.Select(Value));
        proto.Initializer.AddRange(graph.Initializers.Where(static i => !i.Constant).Select(static i => Tensor(i.Name, i.Values)));
        proto.ValueInfo.AddRange(graph.Initializers.Where(static i => i.Trained is not null).Select(Origin));
        foreach (Initializer constant in graph.Initializers.Where(static i => i.Constant))
            proto.Node.Add(Node(new GraphNode(
                ConstantNodes.OpType, constant.Name, [], [constant.Name],
                [KeyValuePair.Create<string, AttributeValue>("value", new ArrayAttribute(constant.Values))])));
        proto.Node.AddRange(graph.Nodes.Select(Node));
        ModelProto model = new() { IrVersion = IrVersion(graph.Opset), ProducerName = "TrakFast", Graph = proto };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = graph.Opset });
        return model;
    }

    // The oldest version of the file format that knows the operator set.
    private static int IrVersion(int opset) => opset switch
    {
        <= 20 => 9,
        <= 22 => 10,
        _ => 11,
    };

    // What an exporter said of a stored array.
    private static ValueInfoProto Origin(Initializer array)
    {
        ValueInfoProto value = Value(new GraphValue(array.Name, array.Values.Type, [.. array.Values.Shape.Select(static s => (long?)s)]));
        value.MetadataProps.Add(new StringStringEntryProto
        {
            Key = GraphReader.InputKind,
            Value = array.Trained == true ? GraphReader.ParameterKind : BufferKind
        });
        return value;
    }

    private static ValueInfoProto Value(GraphValue value)
    {
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)TensorReader.Type(value.Type) };
        if (value.Shape is not null)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.AddRange(value.Shape.Select((size, axis) => size is { } fixedSize
                ? new TensorShapeProto.Types.Dimension { DimValue = fixedSize }
                : new TensorShapeProto.Types.Dimension { DimParam = value.AxisNames?[axis] ?? (axis == 0 ? "batch" : $"axis{axis}") }));
        }

        return new ValueInfoProto { Name = value.Name, Type = new TypeProto { TensorType = tensor } };
    }

    private static NodeProto Node(GraphNode node)
    {
        int domain = node.OpType.IndexOf("::", StringComparison.Ordinal);
        NodeProto proto = new()
        {
            Name = node.Name,
            OpType = domain < 0 ? node.OpType : node.OpType[(domain + 2)..],
            Domain = domain < 0 ? "" : node.OpType[..domain],
        };
        proto.Input.AddRange(node.Inputs);
        proto.Output.AddRange(node.Outputs);
        proto.Attribute.AddRange(node.Attributes.Select(a => Attribute(node, a.Key, a.Value)));
        return proto;
    }

    private static AttributeProto Attribute(GraphNode node, string name, AttributeValue value)
    {
        AttributeProto proto = new() { Name = name };
        switch (value)
        {
            case IntegerAttribute a: proto.Type = Kind.Int; proto.I = a.Value; break;
            case IntegersAttribute a: proto.Type = Kind.Ints; proto.Ints.AddRange(a.Values); break;
            case NumberAttribute a: proto.Type = Kind.Float; proto.F = a.Value; break;
            case NumbersAttribute a: proto.Type = Kind.Floats; proto.Floats.AddRange(a.Values); break;
            case TextAttribute a: proto.Type = Kind.String; proto.S = ByteString.CopyFromUtf8(a.Value); break;
            case TextsAttribute a: proto.Type = Kind.Strings; proto.Strings.AddRange(a.Values.Select(ByteString.CopyFromUtf8)); break;
            case ArrayAttribute a: proto.Type = Kind.Tensor; proto.T = Tensor("", a.Value); break;
            default: throw node.Wrong($"has the attribute '{name}', which cannot be written");
        }

        return proto;
    }

    private static TensorProto Tensor(string name, DataArray values)
    {
        TensorProto tensor = new()
        {
            Name = name,
            DataType = (int)TensorReader.Type(values.Type),
            RawData = ByteString.CopyFrom(values.Bytes)
        };
        tensor.Dims.AddRange(values.Shape);
        return tensor;
    }
}
