namespace TrakFast.Onnx;

/// <summary>
/// Numbers from a start, in steps, up to a limit. From 0 up to the number of examples it is each example's own index.
/// </summary>
internal sealed unsafe class RangeOf : Operator
{
    private readonly float _start;
    private readonly float _step;

    public RangeOf(NodeBuilder node)
        : base(node, inputs: 3)
    {
        if (Enumerable.Range(0, 3).Any(i => node.Peek(i).Length != 1))
            throw node.Refuse("has a start, limit or step that is not one number");
        if (!node.Peek(0).Whole)
        {
            (_start, _step) = (node.Number(0, "a start"), node.Number(2, "a step"));
            double steps = Math.Ceiling((node.Number(1, "a limit") - (double)_start) / _step);
            if (!(steps <= NodeBuilder.MostEntries)) throw node.Refuse($"counts from {_start} in steps of {_step}, {steps} times");
            node.Float([(long)Math.Max(steps, 0)], Placement.Shared);
            return;
        }

        Value start = node.Sizes(0), limit = node.Sizes(1), step = node.Sizes(2);
        if (limit.MarkOf(0) == Mark.Counted && limit.Numbers![0] == node.Examples && start.MarkOf(0) == Mark.None
            && start.Numbers![0] == 0 && step.MarkOf(0) == Mark.None && step.Numbers![0] == 1)
        {
            node.Known([0], [1], Placement.On(0), [Mark.Own]);
            return;
        }

        (long from, long to, long by) = (node.Integers(0)[0], node.Integers(1)[0], node.Integers(2)[0]);
        if (by == 0) throw node.Refuse("has a step of 0");
        Int128 count = Int128.Max((((Int128)to - from) + by - Math.Sign(by)) / by, 0);
        if (count > NodeBuilder.MostEntries) throw node.Refuse($"counts from {from} to {to} in steps of {by}, {count} times");
        node.Known([.. Enumerable.Range(0, (int)count).Select(i => from + (i * by))], [(long)count], Placement.Shared);
    }

    public override void Forward(ForwardContext context)
    {
        for (int i = 0; i < context.Output.Length; i++) context.Output.Data[i] = _start + (i * _step);
    }

    public override void Backward(BackwardContext context)
    {
    }
}
