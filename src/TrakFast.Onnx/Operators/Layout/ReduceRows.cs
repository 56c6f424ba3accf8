using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// A reduction that is not linear: each output of an example is made of a list of its elements, and its gradient goes back
/// to that list.
/// </summary>
internal abstract unsafe class ReduceRows : Operator
{
    private readonly int[] _starts;
    private readonly int[] _steps;

    /// <param name="node">The node.</param>
    /// <param name="firstWithInput">The opset from which on the axes are an input.</param>
    /// <param name="start">What whole numbers known beforehand are combined from.</param>
    /// <param name="whole">How they are; null where they are refused.</param>
    protected ReduceRows(NodeBuilder node, int firstWithInput, long start = 0, Func<long, long, long>? whole = null)
        : base(node, inputs: 1, ReducedAxes.OptionalInputs(node, firstWithInput))
    {
        ReducedAxes axes = Axes = new(node, firstWithInput);
        (_starts, _steps) = ([], []);
        if (whole is not null && node.Peek(0).Numbers is not null)
        {
            axes.Whole(node, start, whole);
            return;
        }

        Value x = whole is null ? node.Floats(0) : node.Data(0);
        Value y = node.Like(x, axes.Shape, axes.Placement);
        if (y.Length > 0 && x.Length == 0) throw node.Refuse($"reduces {x}, which has no elements");
        node.RefuseTable(y.Length + (x.Length / Math.Max(y.Length, 1)));
        (_starts, _steps) = axes.Places(x);
    }

    /// <summary>The axes it runs over.</summary>
    protected ReducedAxes Axes { get; }

    public override StepFacts? Facts => Axes.Facts;

    public override bool KeepsOutput => true;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        float* from = x.Data, to = y.Data;
        Each(
            context.Workers, y.Parts,
            (part, o) => to[(part * _starts.Length) + o] = Combine(from + (part * x.Length) + _starts[o], _steps));
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        NativeBuffer<float> gradient = context.RentFor(0);
        float* from = x.Data, values = y.Data, delta = context.Gradient, to = gradient.Pointer;
        Each(context.Workers, context.Batch, (b, o) => Distribute(
            from + (b * x.Stride) + _starts[o], _steps, values[(b * y.Stride) + o],
            delta[(b * _starts.Length) + o], to + (b * x.Length) + _starts[o]));
        context.Give(0, gradient);
    }

    /// <summary>The result for the elements at the given steps.</summary>
    protected abstract float Combine(float* x, int[] steps);

    /// <summary>Writes the gradient of every element of a list.</summary>
    protected abstract void Distribute(float* x, int[] steps, float y, float delta, float* gradient);

    private void Each(Workers workers, long parts, Action<long, long> body) =>
        workers.Run(parts, Math.Max(Vectors.Grain / Math.Max((long)_starts.Length * _steps.Length, 1), 1), (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                for (long o = 0; o < _starts.Length; o++) body(part, o);
            }
        });
}

/// <summary>An element that is chosen from its list; where several are equal they share the gradient.</summary>
internal abstract unsafe class ReduceChoice(NodeBuilder node, long start, Func<long, long, long> whole)
    : ReduceRows(node, firstWithInput: 18, start, whole)
{
    protected override void Distribute(float* x, int[] steps, float y, float delta, float* gradient)
    {
        int equal = 0;
        foreach (int step in steps) equal += x[step] == y ? 1 : 0;
        foreach (int step in steps) gradient[step] = x[step] == y ? delta / equal : 0;
    }
}

/// <summary>The largest element.</summary>
internal sealed unsafe class ReduceMax(NodeBuilder node) : ReduceChoice(node, long.MinValue, Math.Max)
{
    protected override float Combine(float* x, int[] steps)
    {
        float largest = float.NegativeInfinity;
        foreach (int step in steps) largest = MathF.Max(largest, x[step]);
        return largest;
    }
}

/// <summary>The smallest element.</summary>
internal sealed unsafe class ReduceMin(NodeBuilder node) : ReduceChoice(node, long.MaxValue, Math.Min)
{
    protected override float Combine(float* x, int[] steps)
    {
        float smallest = float.PositiveInfinity;
        foreach (int step in steps) smallest = MathF.Min(smallest, x[step]);
        return smallest;
    }
}

/// <summary>√Σx²; its derivative x/y is taken as 0 at 0.</summary>
internal sealed unsafe class ReduceL2(NodeBuilder node) : ReduceRows(node, firstWithInput: 18)
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

/// <summary>The product; each element's derivative is the product of the others.</summary>
internal sealed unsafe class ReduceProd(NodeBuilder node)
    : ReduceRows(node, firstWithInput: 18, 1, static (product, v) => unchecked(product * v))
{
    protected override float Combine(float* x, int[] steps)
    {
        double product = 1;
        foreach (int step in steps) product *= x[step];
        return (float)product;
    }

    protected override void Distribute(float* x, int[] steps, float y, float delta, float* gradient)
    {
        foreach (int step in steps)
        {
            double others = 1;
            foreach (int other in steps) others *= other == step ? 1 : x[other];
            gradient[step] = (float)(delta * others);
        }
    }
}
