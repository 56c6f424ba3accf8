namespace TrakFast.Onnx;

/// <summary>Orders nodes so that each follows those it reads from, and refuses graphs where that cannot be.</summary>
internal static class GraphOrder
{
    public static IReadOnlyList<GraphNode> Sort(
        string graph,
        IReadOnlyList<GraphValue> inputs,
        IReadOnlyList<GraphValue> outputs,
        IReadOnlyList<GraphNode> nodes,
        IReadOnlyList<Initializer> initializers)
    {
        Dictionary<string, int> maker = new(StringComparer.Ordinal);
        foreach (string name in inputs.Select(static i => i.Name).Concat(initializers.Select(static i => i.Name)))
        {
            if (name.Length == 0) throw new TrakException($"{graph} has an input or initializer without a name.");
            if (!maker.TryAdd(name, -1)) throw new TrakException($"{graph} defines the value '{name}' twice.");
        }

        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string name in nodes[i].Outputs.Where(static o => o.Length > 0))
            {
                if (!maker.TryAdd(name, i))
                    throw new TrakException($"{graph} defines the value '{name}' twice, once by the node {nodes[i]}.");
            }
        }

        foreach (GraphNode node in nodes)
        {
            if (node.Inputs.FirstOrDefault(i => i.Length > 0 && !maker.ContainsKey(i)) is { } unknown)
                throw new TrakException($"{graph}: the node {node} reads '{unknown}', which nothing makes.");
        }

        if (outputs.Count == 0) throw new TrakException($"{graph} has no output.");
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (GraphValue output in outputs)
        {
            if (!maker.ContainsKey(output.Name)) throw new TrakException($"{graph}: nothing makes the output '{output.Name}'.");
            if (!seen.Add(output.Name)) throw new TrakException($"{graph} lists the output '{output.Name}' twice.");
        }

        return Kahn(graph, nodes, maker);
    }

    // Kahn's algorithm, without recursion, taking ready nodes in the file's order.
    private static List<GraphNode> Kahn(string graph, IReadOnlyList<GraphNode> nodes, Dictionary<string, int> maker)
    {
        int[] waiting = new int[nodes.Count];
        List<int>[] readers = new List<int>[nodes.Count];
        for (int i = 0; i < nodes.Count; i++) readers[i] = [];
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string input in nodes[i].Inputs.Where(static n => n.Length > 0))
            {
                if (maker[input] is >= 0 and int from)
                {
                    readers[from].Add(i);
                    waiting[i]++;
                }
            }
        }

        PriorityQueue<int, int> ready = new();
        for (int i = 0; i < nodes.Count; i++)
        {
            if (waiting[i] == 0) ready.Enqueue(i, i);
        }

        List<GraphNode> order = new(nodes.Count);
        while (ready.TryDequeue(out int next, out _))
        {
            order.Add(nodes[next]);
            foreach (int reader in readers[next])
            {
                if (--waiting[reader] == 0) ready.Enqueue(reader, reader);
            }
        }

        if (order.Count == nodes.Count) return order;
        int stuck = Array.FindIndex(waiting, static w => w > 0);
        throw new TrakException(
            $"{graph}: {nodes.Count - order.Count} nodes wait for each other in a circle, the first of them {nodes[stuck]}.");
    }
}
