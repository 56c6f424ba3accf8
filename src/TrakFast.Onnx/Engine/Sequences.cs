namespace TrakFast.Onnx;

/// <summary>
/// Lists of values, as exporters write them where a value is cut into parts and the parts are taken one by one: the cut
/// becomes a Split, and taking a part another name for it.
/// </summary>
internal sealed class Sequences
{
    // Each part becomes a value of its own.
    private const int MostParts = 1 << 12;
    private readonly Dictionary<string, string[]> _parts = new(StringComparer.Ordinal);

    public static bool Knows(string type) => type is "SplitToSequence" or "SequenceAt" or "SequenceConstruct";

    /// <summary>The nodes that stand for one of a list; null for any other.</summary>
    /// <param name="node">The node.</param>
    /// <param name="opset">Version of the operator set.</param>
    /// <param name="find">The values known so far.</param>
    public IReadOnlyList<GraphNode>? Replace(GraphNode node, int opset, Func<string, Value> find)
    {
        if (!Knows(node.OpType)) return null;
        if (!node.HasOutput(0)) throw node.Wrong("has no output");
        if (node.OpType == "SequenceConstruct")
        {
            _parts.Add(node.Outputs[0], [.. node.Inputs]);
            return [];
        }

        if (node.OpType == "SplitToSequence") return Split(node, opset, find);
        if (node.Inputs.Count != 2 || !_parts.TryGetValue(node.Inputs[0], out string[]? parts)
            || find(node.Inputs[1]).Numbers is not [long given])
            throw node.Wrong("takes a part of a list that is not known beforehand");
        long place = given < 0 ? given + parts.Length : given;
        return place >= 0 && place < parts.Length
            ? [new GraphNode("Identity", node.Name, [parts[place]], [node.Outputs[0]])]
            : throw node.Wrong($"takes part {given} of a list of {parts.Length}");
    }

    private IReadOnlyList<GraphNode> Split(GraphNode node, int opset, Func<string, Value> find)
    {
        if (node.Inputs.Count is < 1 or > 2) throw node.Wrong($"has {node.Inputs.Count} inputs; 1 or 2 are wanted");
        Value x = find(node.Inputs[0]);
        long given = node.Integer("axis", 0), axis = given < 0 ? given + x.Rank : given;
        if (axis < 0 || axis >= x.Rank) throw node.Wrong($"names axis {given} of {x}");
        long size = x.Shape[axis];
        bool drop = !node.HasInput(1) && node.Integer("keepdims", 1) == 0;
        long[] sizes;
        if (!node.HasInput(1)) sizes = [.. Enumerable.Repeat(1L, Parts(size))];
        else
        {
            Value split = find(node.Inputs[1]);
            if (split.Numbers is not { } numbers || split.Marks is not null)
                throw node.Wrong("cuts a value into parts that are not known beforehand");
            if (split.Rank > 0) sizes = numbers;
            else if (numbers[0] < 1) throw node.Wrong($"cuts a value into parts of {numbers[0]}");
            else
                sizes = [.. Enumerable.Range(0, Parts((size / numbers[0]) + (size % numbers[0] == 0 ? 0 : 1)))
                    .Select(i => Math.Min(numbers[0], size - (i * numbers[0])))];
        }

        string name = node.Outputs[0];
        string[] cut = [.. sizes.Select((_, i) => $"{name}/{i}")], parts = drop ? [.. cut.Select(static c => $"{c}/dropped")] : cut;
        _parts.Add(name, parts);
        KeyValuePair<string, AttributeValue> along = new("axis", new IntegerAttribute(axis));
        List<GraphNode> nodes = opset < 13
            ? [new GraphNode("Split", node.Name, [node.Inputs[0]], cut, [along, new("split", new IntegersAttribute(sizes))])]
            :
            [
                new GraphNode(ConstantNodes.OpType, name, [], [$"{name}/sizes"], [new("value_ints", new IntegersAttribute(sizes))]),
                new GraphNode("Split", node.Name, [node.Inputs[0], $"{name}/sizes"], cut, [along]),
            ];
        if (!drop) return nodes;
        if (opset >= 13)
            nodes.Add(new GraphNode(ConstantNodes.OpType, name, [], [$"{name}/axes"], [new("value_ints", new IntegersAttribute([axis]))]));
        nodes.AddRange(cut.Select((c, i) => opset < 13
            ? new GraphNode("Squeeze", node.Name, [c], [parts[i]], [new("axes", new IntegersAttribute([axis]))])
            : new GraphNode("Squeeze", node.Name, [c, $"{name}/axes"], [parts[i]])));
        return nodes;

        int Parts(long count) =>
            count <= MostParts ? (int)count : throw node.Wrong($"cuts {x} into {count} parts; {MostParts} are supported");
    }
}
