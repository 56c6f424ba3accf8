namespace TrakFast.Onnx;

/// <summary>Collects the simpler nodes that a node is replaced by.</summary>
internal sealed class Lowered(NodeBuilder node)
{
    private readonly List<GraphNode> _nodes = [];

    /// <summary>Adds a node and gives its output's name.</summary>
    public string Add(string type, IReadOnlyList<string> inputs, params IReadOnlyList<KeyValuePair<string, AttributeValue>> attributes)
    {
        string output = Next();
        _nodes.Add(new GraphNode(type, node.Node.Name, inputs, [output], attributes));
        return output;
    }

    /// <summary>Adds a list of whole numbers.</summary>
    public string Integers(params long[] values) => Constant("value_ints", new IntegersAttribute(values));

    /// <summary>Adds a number.</summary>
    public string Number(float value) => Constant("value_float", new NumberAttribute(value));

    /// <summary>The nodes, of which the last makes the output.</summary>
    public IReadOnlyList<GraphNode> Finish()
    {
        GraphNode last = _nodes[^1];
        _nodes[^1] = new GraphNode(last.OpType, last.Name, last.Inputs, [node.Node.Outputs[0]], last.Attributes);
        return _nodes;
    }

    private string Constant(string kind, AttributeValue value)
    {
        string output = Next();
        _nodes.Add(new GraphNode(ConstantNodes.OpType, output, [], [output], [KeyValuePair.Create(kind, value)]));
        return output;
    }

    // Parts may be replaced by simpler ones themselves; the slot keeps their names apart.
    private string Next() => $"{node.Node.Outputs[0]}/{node.Slot}.{_nodes.Count}";
}
