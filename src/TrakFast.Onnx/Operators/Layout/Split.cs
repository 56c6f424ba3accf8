namespace TrakFast.Onnx;

/// <summary>One of the parts that a Split node cuts an axis into.</summary>
internal sealed class Split : PickOperator
{
    public Split(NodeBuilder node)
        : base(node, inputs: 1, optionalInputs: node.Opset < 13 ? 0 : 1, severalOutputs: true)
    {
        if (node.Node.Outputs.Count == 0) throw node.Refuse("has no output");
        Value x = node.Peek(0);
        int axis = node.OwnAxis(node.Node.Integer("axis", 0), x), parts = node.Node.Outputs.Count;
        long size = x.Shape[axis], most = (size + parts - 1) / parts;
        IReadOnlyList<long> sizes = (node.Has(1) ? node.Integers(1) : node.Node.Integers("split"))
            ?? [.. Enumerable.Range(0, parts).Select(i => Math.Clamp(size - (i * most), 0, most))];
        if (sizes.Count != parts || sizes.Any(s => s < 0 || s > size) || sizes.Aggregate((Int128)0, static (sum, s) => sum + s) != size)
            throw node.Refuse($"cuts axis {axis} of {x} into {parts} parts of {Shapes.Text(sizes)}");
        node.RefuseTable(size);
        int[]?[] picks = new int[]?[x.Rank];
        picks[axis] = [.. Enumerable.Range((int)sizes.Take(node.OutputIndex).Sum(), (int)sizes[node.OutputIndex])];
        Declare(node, picks);
    }
}
