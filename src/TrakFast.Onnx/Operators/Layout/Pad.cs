namespace TrakFast.Onnx;

/// <summary>More elements around some axes: one number, the nearest element, or the elements mirrored or repeated.</summary>
internal sealed unsafe class Pad : PickOperator
{
    private const int Largest = 1 << 16;
    private readonly string _mode;

    public Pad(NodeBuilder node)
        : base(node, inputs: 2, optionalInputs: 2)
    {
        _mode = node.Node.Text("mode", "constant");
        if (_mode is not ("constant" or "reflect" or "edge" or "wrap")) throw node.Refuse($"has the unknown mode '{_mode}'");
        Value x = node.Peek(0);
        long[] pads = node.Integers(1);
        long[] axes = node.Has(3) ? node.Integers(3) : [.. Enumerable.Range(0, x.Rank).Select(static i => (long)i)];
        if (pads.Length != 2 * axes.Length || pads.Any(static p => p is < -Largest or > Largest))
            throw node.Refuse($"has pads of {Shapes.Text(pads)} for {axes.Length} axes");
        int[]?[] picks = new int[]?[x.Rank];
        HashSet<int> padded = [];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = node.Axis(axes[i], x.Rank), size = (int)Math.Min(x.Shape[axis], int.MaxValue);
            node.RefuseTable(x.Shape[axis]);
            if (!padded.Add(axis)) throw node.Refuse($"pads axis {axis} twice");
            (int begin, int end) = ((int)pads[i], (int)pads[i + axes.Length]);
            if (begin == 0 && end == 0) continue;
            if (begin + size + end < 0 || (_mode != "constant" && size == 0) || (_mode == "reflect" && Math.Max(begin, end) >= size)
                || (_mode == "wrap" && Math.Max(begin, end) > size))
                throw node.Refuse($"has pads of {begin} and {end} around axis {axis} of {x}, more than the mode '{_mode}' can fill");
            picks[axis] = [.. Enumerable.Range(-begin, begin + size + end).Select(index => Source(index, size))];
        }

        Declare(node, picks, filler: node.Has(2) ? node.Number(2, "a value to pad with") : 0);
    }

    private int Source(int index, int size) => index >= 0 && index < size ? index : _mode switch
    {
        "edge" => Math.Clamp(index, 0, size - 1),
        "reflect" => index < 0 ? -index : (2 * (size - 1)) - index,
        "wrap" => index < 0 ? index + size : index - size,
        _ => Filler,
    };
}
