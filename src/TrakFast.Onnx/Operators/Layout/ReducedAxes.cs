using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// The axes that a reduction runs over and whether they stay as axes of size 1. They come as an attribute or, in later
/// opsets, as an input.
/// </summary>
internal sealed class ReducedAxes
{
    private readonly bool[] _reduced;

    /// <param name="node">The node.</param>
    /// <param name="firstWithInput">The opset from which on the axes are an input.</param>
    public ReducedAxes(NodeBuilder node, int firstWithInput)
    {
        Value x = node.Peek(0);
        bool keep = node.Node.Integer("keepdims", 1) != 0;
        IReadOnlyList<long>? axes = node.Opset < firstWithInput ? node.Node.Integers("axes") : node.Has(1) ? node.Integers(1) : null;
        _reduced = new bool[x.Rank];
        if (axes is null or { Count: 0 }) Array.Fill(_reduced, node.Node.Integer("noop_with_empty_axes", 0) == 0);
        else
        {
            foreach (long axis in axes) _reduced[node.Axis(axis, x.Rank)] = true;
        }

        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (_reduced[axis]) node.RefuseExamples(axis, x);
        }

        Kept = [.. x.Shape.Select((s, i) => _reduced[i] ? 1 : s)];
        Shape = keep ? Kept : [.. x.Shape.Where((_, i) => !_reduced[i])];
        Placement = keep || !x.Placement.HasAxis
            ? x.Placement
            : x.Placement.Moved(x.Placement.Axis - _reduced.Take(x.Placement.Axis).Count(static r => r));
    }

    /// <summary>What an engine needs to know.</summary>
    public ReductionFacts Facts => new(_reduced);

    /// <summary>The shape with 1 for every reduced axis.</summary>
    public long[] Kept { get; }

    /// <summary>The result's shape.</summary>
    public long[] Shape { get; }

    /// <summary>Where the result's examples lie.</summary>
    public Placement Placement { get; }

    /// <summary>Inputs that a node may have beside its first.</summary>
    public static int OptionalInputs(NodeBuilder node, int firstWithInput) => node.Opset < firstWithInput ? 0 : 1;

    /// <summary>Declares the reduction of whole numbers known beforehand, by a function of two of them.</summary>
    public void Whole(NodeBuilder node, long start, Func<long, long, long> f)
    {
        Value x = node.Peek(0);
        int[] places = HostBroadcast.Places(Kept, x.Shape);
        long[] values = new long[Shapes.Count(Kept)];
        Mark[] marks = new Mark[values.Length];
        Array.Fill(values, start);
        for (int i = 0; i < places.Length; i++)
        {
            values[places[i]] = f(values[places[i]], x.Numbers![i]);
            if (x.MarkOf(i) != Mark.None) marks[places[i]] = Mark.Counted;
        }

        node.Known(values, Shape, Placement, marks);
    }

    /// <summary>Where each output's list begins in an example, and the way from there to its elements.</summary>
    public (int[] Starts, int[] Steps) Places(Value x)
    {
        List<int> starts = [0], steps = [0];
        long stride = 1;
        for (int axis = x.Rank - 1; axis >= 0; axis--)
        {
            List<int> old = _reduced[axis] ? steps : starts, grown = new(checked(old.Count * (int)x.Shape[axis]));
            for (long i = 0; i < x.Shape[axis]; i++) grown.AddRange(old.Select(o => o + checked((int)(i * stride))));
            if (_reduced[axis]) steps = grown;
            else starts = grown;
            stride *= x.Shape[axis];
        }

        return ([.. starts], [.. steps]);
    }
}
