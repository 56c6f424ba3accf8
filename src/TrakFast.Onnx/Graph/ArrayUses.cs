namespace TrakFast.Onnx;

/// <summary>Who reads a graph's values, and what a value was made of.</summary>
internal sealed class ArrayUses
{
    private readonly ILookup<string, (GraphNode Node, int Input)> _readers;
    private readonly Dictionary<string, GraphNode> _makers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Initializer> _stored = new(StringComparer.Ordinal);

    public ArrayUses(IEnumerable<Initializer> initializers, IEnumerable<GraphNode> nodes)
    {
        GraphNode[] all = [.. nodes];
        _readers = all
            .SelectMany(static n => n.Inputs.Select((name, input) => (Name: name, Node: n, Input: input)))
            .Where(static r => r.Name.Length > 0)
            .ToLookup(static r => r.Name, static r => (r.Node, r.Input), StringComparer.Ordinal);
        foreach (GraphNode node in all)
        {
            foreach (string output in node.Outputs.Where(static o => o.Length > 0)) _makers[output] = node;
        }

        foreach (Initializer initializer in initializers) _stored[initializer.Name] = initializer;
    }

    /// <summary>The nodes that read a value, with the place at which they do.</summary>
    public IEnumerable<(GraphNode Node, int Input)> ReadersOf(string name) => _readers[name];

    /// <summary>The node that makes a value, or null for an input and a stored array.</summary>
    public GraphNode? MakerOf(string name) => _makers.GetValueOrDefault(name);

    /// <summary>The stored array of that name, or null.</summary>
    public Initializer? Stored(string name) => _stored.GetValueOrDefault(name);

    /// <summary>Whether a node hands its first input's elements on, in another order, shape or type.</summary>
    public static bool IsView(GraphNode node) =>
        node.OpType is "Identity" or "Transpose" or "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" or "Cast" && node.HasOutput(0);

    /// <summary>Whether a node hands some of its first input's elements on, or repeats them.</summary>
    public static bool IsPick(GraphNode node) =>
        node.OpType is "Slice" or "Expand" or "Tile" or "Split" or "CastLike" or "Gather" && node.HasOutput(0);

    /// <summary>The nodes that read an array in the end, behind views of it.</summary>
    /// <param name="name">The array.</param>
    /// <param name="picks">Whether parts and repetitions of it count as it.</param>
    public IEnumerable<(GraphNode Node, int Input)> EndsOf(string name, bool picks)
    {
        HashSet<string> seen = new([name], StringComparer.Ordinal);
        Stack<string> open = new(seen);
        while (open.TryPop(out string? next))
        {
            foreach ((GraphNode node, int input) in _readers[next])
            {
                if (input != 0 || !(IsView(node) || (picks && IsPick(node))))
                {
                    yield return (node, input);
                    continue;
                }

                foreach (string output in node.Outputs.Where(o => o.Length > 0 && seen.Add(o))) open.Push(output);
            }
        }
    }
}
