using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Values side by side along an axis of an example.</summary>
internal sealed unsafe class Concat(GraphNode node) : Operator(node, inputs: 1, optionalInputs: int.MaxValue - 1)
{
    private readonly long _axis = node.Integer("axis", 0);

    public override void Forward(ForwardContext context)
    {
        Tensor[] all = [.. Enumerable.Range(0, Node.Inputs.Count).Select(context.Any)];
        int axis = Check(all);
        long[] shape = [.. all[0].Shape];
        shape[axis] = all.Sum(x => x.Shape[axis]);
        if (all[0].IsInteger)
        {
            Whole(context, all, axis, shape);
            return;
        }

        Tensor y = context.Allocate(shape, all[0].Batched);
        float* to = y.Data;
        long row = Row(shape, axis), at = 0;
        foreach (Tensor x in all)
        {
            long part = Row(x.Shape, axis), offset = at;
            float* from = x.Data;
            Rows(context.Workers, Outer(shape, axis), part, r => Copy(from + (r * part), to + (r * row) + offset, part));
            at += part;
        }
    }

    public override void Backward(BackwardContext context)
    {
        Tensor[] all = [.. Enumerable.Range(0, Node.Inputs.Count).Select(context.Input)];
        Tensor y = context.Output;
        int axis = Axis(_axis, y.Rank);
        long outer = y.Batched ? Outer(y.Shape, axis) : context.Batch * Outer(y.Shape, axis), row = Row(y.Shape, axis), at = 0;
        for (int i = 0; i < all.Length; i++)
        {
            long part = Row(all[i].Shape, axis), offset = at;
            at += part;
            if (!context.Wants(i)) continue;
            NativeBuffer<float> gradient = context.RentFor(i);
            float* from = context.Gradient, to = gradient.Pointer;
            Rows(context.Workers, outer, part, r => Copy(from + (r * row) + offset, to + (r * part), part));
            context.Give(i, gradient);
        }
    }

    private static void Whole(ForwardContext context, Tensor[] all, int axis, long[] shape)
    {
        List<long> values = [];
        List<bool> counted = [];
        for (int r = 0; r < Outer(shape, axis); r++)
        {
            foreach (Tensor x in all)
            {
                int part = (int)Row(x.Shape, axis);
                for (int i = r * part; i < (r + 1) * part; i++)
                {
                    values.Add(x.Integers[i]);
                    counted.Add(WholeNumbers.IsCounted(x, i));
                }
            }
        }

        context.SetIntegers([.. values], shape, all[0].Batched, counted.Contains(true) ? [.. counted] : null);
    }

    private static void Rows(Workers workers, long rows, long length, Action<long> copy) =>
        workers.Run(rows, Math.Max(Vectors.Grain / Math.Max(length, 1), 1), (start, end) =>
        {
            for (long r = start; r < end; r++) copy(r);
        });

    private static void Copy(float* from, float* to, long length) => Buffer.MemoryCopy(from, to, length * sizeof(float), length * sizeof(float));

    private static long Outer(long[] shape, int axis) => Shapes.Count(shape.Take(axis));

    private static long Row(long[] shape, int axis) => Shapes.Count(shape.Skip(axis));

    private int Check(Tensor[] all)
    {
        Tensor first = all[0];
        int axis = Axis(_axis, first.Rank);
        if (all.Any(x => x.Rank != first.Rank || x.IsInteger != first.IsInteger || x.Shape.Where((s, i) => i != axis && s != first.Shape[i]).Any()))
            throw Refuse($"joins {string.Join(", ", all.AsEnumerable())} along axis {axis}, which do not fit");
        if (all.Any(static x => x.Batched) && (axis == 0 || all.Any(static x => !x.Batched)))
            throw Refuse($"joins {string.Join(", ", all.AsEnumerable())} along axis {axis} so that examples would meet or get different constants");
        return axis;
    }
}
