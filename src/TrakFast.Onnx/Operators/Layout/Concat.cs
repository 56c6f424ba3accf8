using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Values side by side along an axis of an example.</summary>
internal sealed unsafe class Concat : Operator
{
    private readonly int _axis;

    public Concat(NodeBuilder node)
        : base(node, inputs: 1, optionalInputs: int.MaxValue - 1)
    {
        Value[] all =
            [.. Enumerable.Range(0, node.InputCount).Select(i => node.Has(i) ? node.Peek(i) : throw node.Refuse($"lacks its input {i}"))];
        Value first = all[0];
        _axis = node.Axis(node.Node.Integer("axis", 0), first.Rank);
        if (all.Any(
            x => x.Rank != first.Rank || x.Whole != first.Whole || x.Shape.Where((s, i) => i != _axis && s != first.Shape[i]).Any()))
            throw node.Refuse($"joins {Names(all)} along axis {_axis}, which do not fit");
        Placement placement = all.Select(static x => x.Placement).FirstOrDefault(static p => p.HasAxis);
        if (!placement.HasAxis) placement = Placement.WithoutAxis(all.Any(static x => x.Batched));
        else if (placement.Axis == _axis
            || all.Any(x => x.Placement != placement && (x.Placement.HasAxis || x.Shape[placement.Axis] != 1 || !x.Batched)))
            throw node.Refuse($"joins {Names(all)} along axis {_axis} so that examples would meet or get different constants");
        long[] shape = [.. first.Shape];
        shape[_axis] = all.Sum(x => x.Shape[_axis]);
        if (first.Whole && all.Any(static x => x.Marks is not null || x.Numbers is not null)) node.RefuseTable(shape);
        if (first.Whole && Whole(node, all, shape, placement)) return;
        for (int i = 0; i < all.Length; i++) node.Data(i, marked: first.Whole);
        if (!first.Whole) node.Float(shape, placement);
        else
            node.WholeOf(
                shape, placement,
                all.Any(static x => x.Marks is not null) ? [.. Interleaved(all, shape).Select(static e => e.X.MarkOf(e.Element))] : null);
    }

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor y = context.Output;
        float* to = y.Data;
        long row = Row(y.Shape), outer = Outer(y.Shape), at = 0;
        for (int i = 0; i < Node.Inputs.Count; i++)
        {
            Tensor x = context.Input(i);
            long part = Row(x.Shape), offset = at;
            float* from = x.Data;
            Rows(
                context.Workers, y.Parts * outer, part,
                r => Copy(from + (x.Separate ? r * part : r % outer * part), to + (r * row) + offset, part));
            at += part;
        }
    }

    public override void Backward(BackwardContext context)
    {
        Tensor y = context.Output;
        long outer = context.Batch * Outer(y.Shape), row = Row(y.Shape), at = 0;
        for (int i = 0; i < Node.Inputs.Count; i++)
        {
            long part = Row(context.Input(i).Shape), offset = at;
            at += part;
            if (!context.Wants(i)) continue;
            NativeBuffer<float> gradient = context.RentFor(i);
            float* from = context.Gradient, to = gradient.Pointer;
            Rows(context.Workers, outer, part, r => Copy(from + (r * row) + offset, to + (r * part), part));
            context.Give(i, gradient);
        }
    }

    private static string Names(Value[] all) => string.Join(", ", all.AsEnumerable());

    private bool Whole(NodeBuilder node, Value[] all, long[] shape, Placement placement)
    {
        if (all.Any(static x => x.Numbers is null)) return false;
        (Value X, long Element)[] elements = [.. Interleaved(all, shape)];
        node.Known(
            [.. elements.Select(static e => e.X.Numbers![e.Element])], shape, placement,
            [.. elements.Select(static e => e.X.MarkOf(e.Element))]);
        return true;
    }

    // For each element of the result, the value and its element that it comes from.
    private IEnumerable<(Value X, long Element)> Interleaved(Value[] all, long[] shape)
    {
        for (long r = 0; r < Outer(shape); r++)
        {
            foreach (Value x in all)
            {
                long part = Row(x.Shape);
                for (long i = r * part; i < (r + 1) * part; i++) yield return (x, i);
            }
        }
    }

    private static void Rows(Workers workers, long rows, long length, Action<long> copy) =>
        workers.Run(rows, Math.Max(Vectors.Grain / Math.Max(length, 1), 1), (start, end) =>
        {
            for (long r = start; r < end; r++) copy(r);
        });

    private static void Copy(float* from, float* to, long length) =>
        Buffer.MemoryCopy(from, to, length * sizeof(float), length * sizeof(float));

    private long Outer(long[] shape) => Shapes.Count(shape.Take(_axis));

    private long Row(long[] shape) => Shapes.Count(shape.Skip(_axis));
}
