using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>An operator that applies one function to every element.</summary>
internal sealed unsafe class Unary<T> : Operator
    where T : struct, IVectorFunction
{
    private readonly T _function;

    /// <param name="node">The node.</param>
    /// <param name="function">The function.</param>
    /// <param name="whole">The same of whole numbers known beforehand; null where whole numbers are refused.</param>
    /// <param name="truth">Whether the result is a truth value, whatever the argument is.</param>
    /// <param name="optionalInputs">Inputs that the function was made of.</param>
    public Unary(NodeBuilder node, T function, Func<long, long>? whole = null, bool truth = false, int optionalInputs = 0)
        : base(node, inputs: 1, optionalInputs)
    {
        _function = function;
        Value x = node.Peek(0);
        if (whole is not null && x.Numbers is not null)
        {
            WholeNumbers.Map(node, x, whole);
            return;
        }

        x = whole is null ? node.Floats(0) : node.Data(0);
        if (truth) node.WholeOf(x.Shape, x.Placement);
        else node.Like(x, x.Shape, x.Placement);
    }

    public override bool Overwrites => true;

    public override bool ReusesGradient => true;

    public override bool KeepsOutput => T.ReadsOutput;

    public override bool KeepsInput(int input, bool[] wants) => T.ReadsInput;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        VectorMap.Forward(context.Workers, _function, x.Data, y.Data, x.Total);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        NativeBuffer<float> gradient = context.TakeGradient();

        // What the function does not read may be gone.
        for (int b = 0; b < (x.Separate ? 1 : context.Batch); b++)
        {
            float* through = gradient.Pointer + (b * x.Length);
            VectorMap.Backward(
                context.Workers, _function, T.ReadsInput ? x.Data : through, T.ReadsOutput ? y.Data : through, through, x.Total);
        }

        context.Give(0, gradient);
    }
}
