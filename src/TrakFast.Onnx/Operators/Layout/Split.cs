namespace TrakFast.Onnx;

/// <summary>One of the parts that a Split node cuts an axis into.</summary>
internal sealed class Split : PickOperator
{
    private readonly long _axis;
    private readonly int _output;
    private readonly IReadOnlyList<long>? _sizes;

    public Split(GraphNode node, int opset, int output)
        : base(node, inputs: 1, optionalInputs: opset < 13 ? 0 : 1, severalOutputs: true)
    {
        _axis = node.Integer("axis", 0);
        _output = output;
        _sizes = opset < 13 ? node.Integers("split") : null;
        if (node.Outputs.Count == 0) throw node.Wrong("has no output");
    }

    protected override int[]?[] Picks(ForwardContext context, Tensor x)
    {
        int axis = Axis(_axis, x.Rank), parts = Node.Outputs.Count;
        long size = x.Shape[axis], most = (size + parts - 1) / parts;
        IReadOnlyList<long> sizes = (context.Has(1) ? context.Integers(1) : _sizes)
            ?? [.. Enumerable.Range(0, parts).Select(i => Math.Clamp(size - (i * most), 0, most))];
        if (sizes.Count != parts || sizes.Any(static s => s < 0) || sizes.Sum() != size)
            throw Refuse($"cuts axis {axis} of {x} into {parts} parts of {Shapes.Text(sizes)}");
        int[]?[] picks = new int[]?[x.Rank];
        picks[axis] = [.. Enumerable.Range((int)sizes.Take(_output).Sum(), (int)sizes[_output])];
        return picks;
    }
}
