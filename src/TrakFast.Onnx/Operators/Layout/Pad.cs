namespace TrakFast.Onnx;

/// <summary>More elements around some axes: one number, the nearest element, or the elements mirrored or repeated.</summary>
internal sealed unsafe class Pad : PickOperator
{
    private const int Largest = 1 << 16;
    private readonly string _mode;

    public Pad(GraphNode node)
        : base(node, inputs: 2, optionalInputs: 2)
    {
        _mode = node.Text("mode", "constant");
        if (_mode is not ("constant" or "reflect" or "edge" or "wrap")) throw node.Wrong($"has the unknown mode '{_mode}'");
    }

    protected override int[]?[] Picks(ForwardContext context, Tensor x)
    {
        long[] pads = context.Integers(1);
        long[] axes = context.Has(3) ? context.Integers(3) : [.. Enumerable.Range(0, x.Rank).Select(static i => (long)i)];
        if (pads.Length != 2 * axes.Length || pads.Any(static p => Math.Abs(p) > Largest))
            throw Refuse($"has pads of {Shapes.Text(pads)} for {axes.Length} axes");
        int[]?[] picks = new int[]?[x.Rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = Axis(axes[i], x.Rank), size = checked((int)x.Shape[axis]);
            (int begin, int end) = ((int)pads[i], (int)pads[i + axes.Length]);
            if (begin == 0 && end == 0) continue;
            if (begin + size + end < 0 || (_mode != "constant" && size == 0) || (_mode == "reflect" && Math.Max(begin, end) >= size) || (_mode == "wrap" && Math.Max(begin, end) > size))
                throw Refuse($"has pads of {begin} and {end} around axis {axis} of {x}, more than the mode '{_mode}' can fill");
            picks[axis] = [.. Enumerable.Range(-begin, begin + size + end).Select(index => Source(index, size))];
        }

        return picks;
    }

    protected override float FillerValue(ForwardContext context)
    {
        if (!context.Has(2)) return 0;
        Tensor value = context.Any(2);
        if (value.Batched || value.Length != 1) throw Refuse($"pads with a value of shape {value}; one number for all examples is wanted");
        return value.IsInteger ? context.Integers(2)[0] : *value.Data;
    }

    private int Source(int index, int size) => index >= 0 && index < size ? index : _mode switch
    {
        "edge" => Math.Clamp(index, 0, size - 1),
        "reflect" => index < 0 ? -index : (2 * (size - 1)) - index,
        "wrap" => index < 0 ? index + size : index - size,
        _ => Filler,
    };
}
