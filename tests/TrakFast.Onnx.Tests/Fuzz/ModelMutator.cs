using Google.Protobuf;
using Google.Protobuf.Collections;
using TrakFast.Onnx.Proto;

namespace TrakFast.Onnx.Tests;

/// <summary>
/// Damages a model: blindly, as disks and networks do, or in its messages, as no exporter should. The same random numbers
/// give the same damage.
/// </summary>
internal static class ModelMutator
{
    private static readonly long[] Numbers =
        [0, 1, -1, 2, 3, 7, 64, 1000, 1 << 20, int.MaxValue, int.MinValue, 1L << 40, long.MaxValue, long.MinValue];
    private static readonly float[] Reals =
        [0, 1, -1, 0.5f, 1e-30f, 1e30f, float.MaxValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    private static readonly string[] Operators =
    [
        "Add", "Sub", "Mul", "Div", "Pow", "MatMul", "Gemm", "Conv", "ConvTranspose", "BatchNormalization", "LayerNormalization",
        "InstanceNormalization", "GroupNormalization", "Relu", "Gelu", "Erf", "Softmax", "LogSoftmax", "MaxPool", "AveragePool",
        "GlobalAveragePool", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Split", "Concat", "Gather",
        "GatherElements", "Expand", "Tile", "Pad", "Shape", "ConstantOfShape", "Range", "Cast", "Where", "Equal", "ReduceMean", "ReduceSum",
        "ReduceMax", "ReduceL2", "Clip", "Dropout", "Identity", "Constant", "If", "Loop", "Einsum", "CumSum", "Trilu", "TopK", "ScatterND",
        "Resize", "DepthToSpace", "PRelu", "Mod", "ArgMax",
    ];

    public static byte[] Mutate(byte[] model, Random random)
    {
        if (random.Next(10) < 4) return Bytes(model, random);
        ModelProto proto = ModelProto.Parser.ParseFrom(model);
        for (int i = random.Next(3); i >= 0; i--) Messages(proto, random);
        return random.Next(20) == 0 ? Bytes(proto.ToByteArray(), random) : proto.ToByteArray();
    }

    private static byte[] Bytes(byte[] model, Random random)
    {
        List<byte> bytes = [.. model];

        // Half of the damage falls on the beginning, where nodes and their attributes stand.
        int limit = random.Next(2) == 0 ? bytes.Count : Math.Min(bytes.Count, 3000);
        int at = random.Next(limit), length = Math.Min(1 + random.Next(40), bytes.Count - at);
        switch (random.Next(5))
        {
            case 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(random.Next(limit), bytes.GetRange(at, length));
                break;
            case 3:
                for (int i = 0; i < length; i++) bytes[at + i] = (byte)random.Next(256);
                break;
            default:
                for (int flips = random.Next(4); flips >= 0; flips--) bytes[random.Next(limit)] ^= (byte)(1 << random.Next(8));
                break;
        }

        return [.. bytes];
    }

    private static void Messages(ModelProto model, Random random)
    {
        GraphProto graph = model.Graph;
        RepeatedField<NodeProto> nodes = model.Functions.Count > 0 && random.Next(3) == 0
            ? Pick(model.Functions, random)!.Node
            : graph.Node;
        NodeProto? node = Pick(nodes, random);
        AttributeProto? attribute = node is null ? null : Pick(node.Attribute, random);
        TensorProto? tensor = attribute?.T is { } value && random.Next(2) == 0 ? value : Pick(graph.Initializer, random);
        switch (random.Next(18))
        {
            case 0 when node is not null: node.OpType = Operators[random.Next(Operators.Length)]; break;
            case 1 when node is not null: Shuffle(node.Input, random); break;
            case 2 when node is not null: Replace(node.Input, Name(graph, random), random); break;
            case 3 when node is not null: Replace(node.Output, Name(graph, random), random); break;
            case 4 when node is not null: nodes.Remove(node); break;
            case 5 when node is not null: nodes.Insert(random.Next(nodes.Count + 1), node.Clone()); break;
            case 6 when node is not null: Resize(node.Input, Name(graph, random), random); break;
            case 7 or 8 or 9 when attribute is not null: Change(attribute, random); break;
            case 10 when attribute is not null: node!.Attribute.Remove(attribute); break;
            case 11 when node is not null && Pick(Pick(nodes, random)!.Attribute, random) is { } other:
                node.Attribute.Add(other.Clone());
                break;
            case 12 or 13 when tensor is not null: Resize(tensor, random); break;
            case 14 when tensor is not null: tensor.DataType = random.Next(26); break;
            case 15 when tensor is not null: Rename(tensor, graph, random); break;
            case 16: Whole(model, random); break;
            case 17: Shape(Pick(random.Next(2) == 0 ? graph.Input : graph.Output, random), random); break;
            default: break;
        }
    }

    private static void Change(AttributeProto attribute, Random random)
    {
        switch (random.Next(6))
        {
            case 0: attribute.I = Number(random); break;
            case 1: attribute.F = Reals[random.Next(Reals.Length)]; break;
            case 2: Replace(attribute.Ints, Number(random), random); break;
            case 3: Resize(attribute.Ints, Number(random), random); break;
            case 4: attribute.Type = (AttributeProto.Types.AttributeType)random.Next(15); break;
            default: attribute.Name += "s"; break;
        }
    }

    private static void Resize(TensorProto tensor, Random random)
    {
        switch (random.Next(5))
        {
            case 0: Replace(tensor.Dims, Number(random), random); break;
            case 1: Resize(tensor.Dims, 1, random); break;
            case 2: Shuffle(tensor.Dims, random); break;
            case 3: Replace(tensor.Int64Data, Number(random), random); break;
            default:
                // Whole numbers stored as bytes are shapes, axes and indices.
                byte[] raw = tensor.RawData.ToByteArray();
                if (raw.Length < 8) return;
                BitConverter.TryWriteBytes(raw.AsSpan(random.Next(raw.Length / 8) * 8), Number(random));
                tensor.RawData = ByteString.CopyFrom(raw);
                break;
        }
    }

    private static void Rename(TensorProto tensor, GraphProto graph, Random random)
    {
        switch (random.Next(5))
        {
            case 0: tensor.Name = Name(graph, random); break;
            case 1: graph.Initializer.Remove(tensor); break;
            case 2: graph.Initializer.Add(tensor.Clone()); break;
            case 3: tensor.RawData = ByteString.Empty; break;
            default:
                tensor.DataLocation = TensorProto.Types.DataLocation.External;
                tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = random.Next(2) == 0 ? "../x" : "x" });
                break;
        }
    }

    private static void Whole(ModelProto model, Random random)
    {
        switch (random.Next(6))
        {
            case 0: model.OpsetImport[0].Version = 9 + random.Next(16); break;
            case 1 when Pick(model.Graph.Input, random) is { } input: model.Graph.Input.Add(input.Clone()); break;
            case 2 when Pick(model.Graph.Output, random) is { } output: output.Name = Name(model.Graph, random); break;
            case 3: model.Graph.Output.Clear(); break;
            case 4 when Pick(model.Functions, random) is { } function: Replace(function.Input, Name(model.Graph, random), random); break;
            case 4:
                // The first nodes' outputs become outputs of the graph as well.
                foreach (NodeProto node in model.Graph.Node.Take(3))
                    model.Graph.Output.Insert(
                        0, new ValueInfoProto { Name = node.Output.FirstOrDefault() ?? "", Type = Pick(model.Graph.Output, random)?.Type });
                break;
            default:
                FunctionProto around = new()
                {
                    Name = "Relu",
                    Node = { ModelFile.MakeNode("Relu", "a", "b") },
                    Input = { "a" },
                    Output = { "b" }
                };
                if (random.Next(2) == 0) around.Node[0].OpType = "Tanh";
                model.Functions.Add(around);
                break;
        }
    }

    private static void Shape(ValueInfoProto? value, Random random)
    {
        TypeProto.Types.Tensor? tensor = value?.Type?.TensorType;
        if (tensor is null) return;
        if (random.Next(3) == 0) tensor.ElemType = random.Next(20);
        else if (tensor.Shape is { } shape && Pick(shape.Dim, random) is { } size) size.DimValue = Number(random);
    }

    private static string Name(GraphProto graph, Random random) => random.Next(8) switch
    {
        0 => "",
        1 => "nobody",
        2 or 3 => Pick(graph.Initializer, random)?.Name ?? "",
        _ => Pick(graph.Node, random)?.Output.FirstOrDefault() ?? "",
    };

    private static long Number(Random random) => random.Next(2) == 0 ? Numbers[random.Next(Numbers.Length)] : random.Next(-3, 12);

    private static T? Pick<T>(RepeatedField<T> items, Random random)
        where T : class => items.Count == 0 ? null : items[random.Next(items.Count)];

    private static void Replace<T>(RepeatedField<T> items, T value, Random random)
    {
        if (items.Count > 0) items[random.Next(items.Count)] = value;
    }

    private static void Resize<T>(RepeatedField<T> items, T value, Random random)
    {
        if (items.Count > 0 && random.Next(2) == 0) items.RemoveAt(random.Next(items.Count));
        else items.Insert(random.Next(items.Count + 1), value);
    }

    private static void Shuffle<T>(RepeatedField<T> items, Random random)
    {
        T[] shuffled = [.. items];
        random.Shuffle(shuffled);
        items.Clear();
        items.AddRange(shuffled);
    }
}
