using TrakFast.Onnx.Proto;

namespace TrakFast.Onnx;

/// <summary>
/// The part of a file from which a graph's outputs are made. Exporters leave nodes behind that nobody reads, and what
/// such a node is or holds does not matter.
/// </summary>
internal sealed class LiveNodes
{
    private LiveNodes(IReadOnlyList<NodeProto> nodes, IReadOnlySet<string> values)
    {
        Nodes = nodes;
        Values = values;
    }

    /// <summary>The nodes in their order.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>Names of the values that are read, the outputs among them.</summary>
    public IReadOnlySet<string> Values { get; }

    public static LiveNodes Find(IReadOnlyList<NodeProto> nodes, IEnumerable<ValueInfoProto> outputs)
    {
        ILookup<string, int> makers = Enumerable.Range(0, nodes.Count)
            .SelectMany(i => nodes[i].Output.Select(o => (Name: o, Node: i)))
            .ToLookup(static m => m.Name, static m => m.Node, StringComparer.Ordinal);
        bool[] live = new bool[nodes.Count];
        HashSet<string> values = new(StringComparer.Ordinal);
        Stack<string> open = new();
        foreach (ValueInfoProto output in outputs) Want(output.Name);
        while (open.TryPop(out string? name))
        {
            // A name made twice is an error that shall be found, so every maker counts.
            foreach (int maker in makers[name].Where(m => !live[m]))
            {
                live[maker] = true;
                foreach (string input in nodes[maker].Input) Want(input);
            }
        }

        return new LiveNodes([.. nodes.Where((_, i) => live[i])], values);

        void Want(string name)
        {
            if (name.Length > 0 && values.Add(name)) open.Push(name);
        }
    }
}
