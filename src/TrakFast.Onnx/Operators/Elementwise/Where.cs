using System.Numerics;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>One value where a condition holds, another elsewhere, all three broadcast.</summary>
internal sealed unsafe class Where : Operator
{
    private readonly long[] _shape;

    public Where(NodeBuilder node)
        : base(node, inputs: 3)
    {
        Value condition = node.Peek(0), a = node.Peek(1), b = node.Peek(2);
        if (a.Whole != b.Whole) throw node.Refuse($"chooses between whole numbers and floating-point ones, '{a.Name}' and '{b.Name}'");
        (_shape, Placement placement) = node.Broadcast(condition, a, b);
        if (condition.Numbers is not null && a.Numbers is not null && b.Numbers is not null)
        {
            Known(node, condition, a, b, placement);
            return;
        }

        for (int i = 0; i < 3; i++) node.Data(i);
        node.Like(a, _shape, placement);
    }

    public override bool Overwrites => true;

    public override bool KeepsInput(int input, bool[] wants) => input == 0;

    public override void Forward(ForwardContext context)
    {
        Tensor condition = context.Input(0), a = context.Input(1), b = context.Input(2), y = context.Output;
        if (y.Length == 0) return;
        long inner = _shape.Length == 0 ? 1 : _shape[^1], rows = y.Length / inner;
        long[] stepsC = Steps(condition.Shape), stepsA = Steps(a.Shape), stepsB = Steps(b.Shape);
        float* choices = condition.Data, valuesA = a.Data, valuesB = b.Data, to = y.Data;
        context.Workers.Run(y.Parts * rows, Math.Max(Vectors.Grain / inner, 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                (long part, long rest) = Math.DivRem(row, rows);
                long placeC = part * condition.Stride, placeA = part * a.Stride, placeB = part * b.Stride;
                for (int axis = _shape.Length - 2; axis >= 0; axis--)
                {
                    (rest, long index) = Math.DivRem(rest, _shape[axis]);
                    (placeC, placeA, placeB) =
                        (placeC + (index * stepsC[axis]), placeA + (index * stepsA[axis]), placeB + (index * stepsB[axis]));
                }

                float* c = choices + placeC, x = valuesA + placeA, z = valuesB + placeB, write = to + (row * inner);
                (long stepC, long stepA, long stepB) = _shape.Length == 0 ? (0, 0, 0) : (stepsC[^1], stepsA[^1], stepsB[^1]);
                Choose(c, stepC != 0, x, stepA != 0, z, stepB != 0, write, inner);
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor condition = context.Input(0);
        if (context.Wants(1)) Give<SelectFunction>(context, condition, 1);
        if (context.Wants(2)) Give<SelectOtherFunction>(context, condition, 2);
    }

    private void Give<T>(BackwardContext context, Tensor condition, int input)
        where T : struct, IBinaryFunction
    {
        Tensor y = context.Output, x = context.Input(input);
        NativeBuffer<float> gradient = context.Rent(context.Batch * y.Length);
        new BroadcastLoop(context.Batch, _shape, _shape, y.Length, condition.Shape, condition.Stride)
            .Run<T>(context.Workers, context.Gradient, condition.Data, gradient.Pointer);
        if (x.Length == y.Length)
        {
            context.Give(input, gradient);
            return;
        }

        NativeBuffer<float> sum = context.RentFor(input);
        BroadcastSum.Run(context.Workers, context.Batch, _shape, gradient.Pointer, x.Shape, sum.Pointer);
        context.Return(gradient);
        context.Give(input, sum);
    }

    // Each operand has one element for each of the row's, or one for all.
    private static void Choose(float* condition, bool each, float* a, bool eachA, float* b, bool eachB, float* y, long length)
    {
        Vector<float> onlyC = Vector.Create(*condition), onlyA = Vector.Create(*a), onlyB = Vector.Create(*b);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> c = each ? Vectors.Load(condition + i) : onlyC;
            Vector.ConditionalSelect(Vector.Equals(c, default), eachB ? Vectors.Load(b + i) : onlyB, eachA ? Vectors.Load(a + i) : onlyA)
                .Store(y + i);
        }

        for (; i < length; i++) y[i] = condition[each ? i : 0] != 0 ? a[eachA ? i : 0] : b[eachB ? i : 0];
    }

    // Elements between neighbors along the result's axes; 0 where the operand is repeated.
    private long[] Steps(long[] operand)
    {
        long[] steps = new long[_shape.Length];
        long step = 1;
        for (int i = 1; i <= operand.Length; i++)
        {
            steps[^i] = operand[^i] == 1 ? 0 : step;
            step *= operand[^i];
        }

        return steps;
    }

    private void Known(NodeBuilder node, Value condition, Value a, Value b, Placement placement)
    {
        node.RefuseTable(_shape);
        int[] c = HostBroadcast.Places(condition.Shape, _shape),
            placesA = HostBroadcast.Places(a.Shape, _shape),
            placesB = HostBroadcast.Places(b.Shape, _shape);
        long[] values = new long[c.Length];
        Mark[] marks = new Mark[c.Length];
        for (int i = 0; i < c.Length; i++)
        {
            (Value from, int place) = condition.Numbers![c[i]] != 0 ? (a, placesA[i]) : (b, placesB[i]);
            values[i] = from.Numbers![place];
            marks[i] = condition.MarkOf(c[i]) == Mark.None ? from.MarkOf(place) : Mark.Counted;
        }

        node.Known(values, _shape, placement, marks);
    }
}

/// <summary>a where the condition b holds, else 0.</summary>
internal readonly struct SelectFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Vector.ConditionalSelect(Vector.Equals(b, default), default, a);
}

/// <summary>a where the condition b does not hold, else 0.</summary>
internal readonly struct SelectOtherFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Vector.ConditionalSelect(Vector.Equals(b, default), a, default);
}
