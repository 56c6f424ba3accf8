using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>An operator on two values that broadcast as in NumPy.</summary>
internal abstract unsafe class Binary<T> : Operator
    where T : struct, IBinaryFunction
{
    /// <param name="node">The node.</param>
    /// <param name="whole">The same function of whole numbers known beforehand; null where there is none.</param>
    /// <param name="truth">Whether the result is a truth value, whatever the operands are.</param>
    /// <param name="sum">Whether it is a sum or a difference, through which marks of whole numbers go on.</param>
    protected Binary(NodeBuilder node, Func<long, long, long>? whole, bool truth = false, bool sum = false)
        : base(node, inputs: 2)
    {
        Value a = node.Peek(0), b = node.Peek(1);
        (long[] shape, Placement placement) = node.Broadcast(a, b);
        if (whole is not null && a.Numbers is not null && b.Numbers is not null)
        {
            WholeNumbers.Combine(node, a, b, shape, placement, whole);
            return;
        }

        if (a.Whole != b.Whole) throw node.Refuse($"combines whole numbers with floating-point ones, '{a.Name}' and '{b.Name}'");
        (a, b) = (node.Data(0, marked: sum), node.Data(1, marked: sum));
        if (truth || a.Whole) node.WholeOf(shape, placement, sum ? WholeNumbers.Sum(node, a, b, shape, whole!) : null);
        else node.Float(shape, placement);
    }

    public override bool Overwrites => true;

    public override void Forward(ForwardContext context) => Run<T>(context);

    /// <summary>The output as another function of the operands.</summary>
    protected static void Run<TFunction>(ForwardContext context)
        where TFunction : struct, IBinaryFunction
    {
        Tensor a = context.Input(0), b = context.Input(1), y = context.Output;
        if (y.Length == 0) return;
        new BroadcastLoop(y.Parts, y.Shape, a.Shape, a.Stride, b.Shape, b.Stride).Run<TFunction>(context.Workers, a.Data, b.Data, y.Data);
    }

    /// <summary>The gradient of the result times or over an operand, walked as in the forward pass, into a new buffer.</summary>
    protected static NativeBuffer<float> Combine<TFunction>(BackwardContext context, float* gradient, Tensor operand)
        where TFunction : struct, IBinaryFunction
    {
        Tensor y = context.Output;
        NativeBuffer<float> product = context.Rent(context.Batch * y.Length);
        new BroadcastLoop(context.Batch, y.Shape, y.Shape, y.Length, operand.Shape, operand.Stride)
            .Run<TFunction>(context.Workers, gradient, operand.Data, product.Pointer);
        return product;
    }

    /// <summary>Gives an operand a gradient in the result's shape, summed where the operand was repeated.</summary>
    protected static void GiveSummed(BackwardContext context, int input, NativeBuffer<float> gradient)
    {
        Tensor x = context.Input(input), y = context.Output;
        if (x.Length == y.Length)
        {
            context.Give(input, gradient);
            return;
        }

        NativeBuffer<float> sum = context.RentFor(input);
        BroadcastSum.Run(context.Workers, context.Batch, y.Shape, gradient.Pointer, x.Shape, sum.Pointer);
        context.Return(gradient);
        context.Give(input, sum);
    }

    /// <summary>Gives an operand the result's gradient as it is, summed where the operand was repeated.</summary>
    protected static void ShareOrSum(BackwardContext context, int input)
    {
        Tensor x = context.Input(input), y = context.Output;
        if (x.Length == y.Length)
        {
            context.Share(input);
            return;
        }

        NativeBuffer<float> sum = context.RentFor(input);
        BroadcastSum.Run(context.Workers, context.Batch, y.Shape, context.Gradient, x.Shape, sum.Pointer);
        context.Give(input, sum);
    }
}

/// <summary>a + b.</summary>
internal sealed unsafe class Add(NodeBuilder node) : Binary<AddFunction>(node, static (a, b) => unchecked(a + b), sum: true)
{
    public override bool KeepsInput(int input, bool[] wants) => false;

    public override bool SharesGradient(int input) => true;

    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) ShareOrSum(context, 0);
        if (context.Wants(1)) ShareOrSum(context, 1);
    }
}

/// <summary>a − b.</summary>
internal sealed unsafe class Subtract(NodeBuilder node) : Binary<SubtractFunction>(node, static (a, b) => unchecked(a - b), sum: true)
{
    public override bool ReusesGradient => true;

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override bool SharesGradient(int input) => input == 0;

    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) ShareOrSum(context, 0);
        if (!context.Wants(1)) return;
        NativeBuffer<float> gradient = context.TakeGradient();
        Vectors.Scale(context.Workers, -1, gradient.Pointer, context.Batch * context.Output.Length);
        GiveSummed(context, 1, gradient);
    }
}

/// <summary>a · b.</summary>
internal sealed unsafe class Multiply(NodeBuilder node) : Binary<MultiplyFunction>(node, static (a, b) => unchecked(a * b))
{
    public override bool KeepsInput(int input, bool[] wants) => wants[1 - input];

    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, Combine<MultiplyFunction>(context, context.Gradient, context.Input(1)));
        if (context.Wants(1)) GiveSummed(context, 1, Combine<MultiplyFunction>(context, context.Gradient, context.Input(0)));
    }
}

/// <summary>a / b, of whole numbers towards 0; ∂/∂b = −(a/b)/b.</summary>
internal sealed unsafe class Divide : Binary<DivideFunction>
{
    private readonly bool _whole;

    public Divide(NodeBuilder node)
        : base(node, (a, b) => b is 0 or -1 ? b == 0 ? throw node.Refuse("divides a whole number by 0") : unchecked(-a) : a / b) =>
        _whole = node.Output!.Whole;

    public override bool KeepsOutput => true;

    public override bool KeepsInput(int input, bool[] wants) => input == 1;

    public override void Forward(ForwardContext context)
    {
        if (_whole) Run<DivideWholeFunction>(context);
        else Run<DivideFunction>(context);
    }

    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, Combine<DivideFunction>(context, context.Gradient, context.Input(1)));
        if (!context.Wants(1)) return;
        NativeBuffer<float> product = context.Rent(context.Batch * context.Output.Length);
        Tensor y = context.Output;
        new BroadcastLoop(context.Batch, y.Shape, y.Shape, y.Length, y.Shape, y.Stride)
            .Run<MultiplyFunction>(context.Workers, context.Gradient, y.Data, product.Pointer);
        NativeBuffer<float> quotient = Combine<DivideFunction>(context, product.Pointer, context.Input(1));
        context.Return(product);
        Vectors.Scale(context.Workers, -1, quotient.Pointer, context.Batch * y.Length);
        GiveSummed(context, 1, quotient);
    }
}
