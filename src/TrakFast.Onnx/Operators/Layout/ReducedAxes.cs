namespace TrakFast.Onnx;

/// <summary>
/// The axes that a reduction runs over and whether they stay as axes of size 1. They come as an attribute or, in later
/// opsets, as an input.
/// </summary>
internal sealed class ReducedAxes
{
    private readonly GraphNode _node;
    private readonly bool _keep;
    private readonly bool _nothingForNone;
    private readonly IReadOnlyList<long>? _axes;

    public ReducedAxes(GraphNode node, bool axesAreAttribute)
    {
        _node = node;
        _keep = node.Integer("keepdims", 1) != 0;
        _nothingForNone = node.Integer("noop_with_empty_axes", 0) != 0;
        _axes = axesAreAttribute ? node.Integers("axes") : null;
    }

    /// <summary>For each axis whether it is reduced; the example's is refused.</summary>
    /// <param name="x">The value.</param>
    /// <param name="given">The axes that came as an input, or null.</param>
    public bool[] Of(Tensor x, IReadOnlyList<long>? given)
    {
        IReadOnlyList<long>? axes = given ?? _axes;
        bool[] reduced = new bool[x.Rank];
        if (axes is null or { Count: 0 })
        {
            if (_nothingForNone) return reduced;
            Array.Fill(reduced, true);
        }
        else
        {
            foreach (long axis in axes)
            {
                if (axis < -x.Rank || axis >= x.Rank) throw _node.Wrong($"names axis {axis} of a value of {x.Rank} axes");
                reduced[axis < 0 ? axis + x.Rank : axis] = true;
            }
        }

        return x.Batched && reduced[0] ? throw _node.Wrong("works along axis 0, which would mix the examples") : reduced;
    }

    /// <summary>The shape with 1 for every reduced axis.</summary>
    public static long[] Kept(Tensor x, bool[] reduced) => [.. x.Shape.Select((s, i) => reduced[i] ? 1 : s)];

    /// <summary>The result's shape.</summary>
    public long[] Result(Tensor x, bool[] reduced) => _keep ? Kept(x, reduced) : [.. x.Shape.Where((_, i) => !reduced[i])];
}
