using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// A reduction that is not linear: each output of an example is made of a list of its elements, and its gradient goes back
/// to that list.
/// </summary>
internal abstract unsafe class ReduceRows : Operator
{
    private readonly ReducedAxes _axes;

    protected ReduceRows(GraphNode node, bool axesAreAttribute)
        : base(node, inputs: 1, optionalInputs: axesAreAttribute ? 0 : 1) => _axes = new ReducedAxes(node, axesAreAttribute);

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        bool[] reduced = _axes.Of(x, context.Has(1) ? context.Integers(1) : null);
        Tensor y = context.Allocate(_axes.Result(x, reduced), x.Batched);
        if (y.Length > 0 && x.Length == 0) throw Refuse($"reduces {x}, which has no elements");
        (int[] starts, int[] steps) = Places(x, reduced);
        float* from = x.Data, to = y.Data;
        Each(context.Workers, y.Parts, starts, steps, (part, o, list) => to[(part * starts.Length) + o] = Combine(from + (part * x.ExampleLength) + starts[o], list));
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        (int[] starts, int[] steps) = Places(x, _axes.Of(x, context.Has(1) ? context.Input(1).Integers : null));
        NativeBuffer<float> gradient = context.RentFor(0);
        float* from = x.Data, values = y.Data, delta = context.Gradient, to = gradient.Pointer;
        Each(context.Workers, context.Batch, starts, steps, (b, o, list) => Distribute(
            from + (b * x.Stride) + starts[o], list, values[(b * y.Stride) + o], delta[(b * starts.Length) + o], to + (b * x.ExampleLength) + starts[o]));
        context.Give(0, gradient);
    }

    /// <summary>The result for the elements at the given steps.</summary>
    protected abstract float Combine(float* x, int[] steps);

    /// <summary>Writes the gradient of every element of a list.</summary>
    protected abstract void Distribute(float* x, int[] steps, float y, float delta, float* gradient);

    private static void Each(Workers workers, long parts, int[] starts, int[] steps, Action<long, long, int[]> body) =>
        workers.Run(parts, Math.Max(Vectors.Grain / Math.Max((long)starts.Length * steps.Length, 1), 1), (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                for (long o = 0; o < starts.Length; o++) body(part, o, steps);
            }
        });

    // Where each output's list begins in an example, and the way from there to its elements.
    private static (int[] Starts, int[] Steps) Places(Tensor x, bool[] reduced)
    {
        List<int> starts = [0], steps = [0];
        long stride = 1;
        for (int axis = x.Rank - 1; axis >= (x.Batched ? 1 : 0); axis--)
        {
            List<int> grown = [];
            List<int> old = reduced[axis] ? steps : starts;
            for (long i = 0; i < x.Shape[axis]; i++) grown.AddRange(old.Select(o => o + checked((int)(i * stride))));
            if (reduced[axis]) steps = grown;
            else starts = grown;
            stride *= x.Shape[axis];
        }

        return ([.. starts], [.. steps]);
    }
}

/// <summary>The largest element; where several are equal they share the gradient.</summary>
internal sealed unsafe class ReduceMax(GraphNode node, bool axesAreAttribute) : ReduceRows(node, axesAreAttribute)
{
    protected override float Combine(float* x, int[] steps)
    {
        float largest = float.NegativeInfinity;
        foreach (int step in steps) largest = MathF.Max(largest, x[step]);
        return largest;
    }

    protected override void Distribute(float* x, int[] steps, float y, float delta, float* gradient)
    {
        int equal = 0;
        foreach (int step in steps) equal += x[step] == y ? 1 : 0;
        foreach (int step in steps) gradient[step] = x[step] == y ? delta / equal : 0;
    }
}

/// <summary>√Σx²; its derivative x/y is taken as 0 at 0.</summary>
internal sealed unsafe class ReduceL2(GraphNode node, bool axesAreAttribute) : ReduceRows(node, axesAreAttribute)
{
    protected override float Combine(float* x, int[] steps)
    {
        double sum = 0;
        foreach (int step in steps) sum += (double)x[step] * x[step];
        return (float)Math.Sqrt(sum);
    }

    protected override void Distribute(float* x, int[] steps, float y, float delta, float* gradient)
    {
        foreach (int step in steps) gradient[step] = y == 0 ? 0 : delta * x[step] / y;
    }
}
