using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>An operator on two values that broadcast as in NumPy.</summary>
internal abstract unsafe class Binary<T> : Operator
    where T : struct, IBinaryFunction
{
    private readonly Func<long, long, long>? _whole;

    /// <param name="node">The node.</param>
    /// <param name="whole">The same function of whole numbers; null where there is none.</param>
    protected Binary(GraphNode node, Func<long, long, long>? whole)
        : base(node, inputs: 2) => _whole = whole;

    public override void Forward(ForwardContext context)
    {
        Tensor a = context.Any(0), b = context.Any(1);
        long[] shape = Examples.Broadcast(Node, a, b);
        if (_whole is not null && a.IsInteger && b.IsInteger)
        {
            WholeNumbers.Combine(context, a, b, shape, _whole);
            return;
        }

        (a, b) = (context.Input(0), context.Input(1));
        Tensor y = context.Allocate(shape, a.Batched || b.Batched);
        if (y.Length == 0) return;
        new BroadcastLoop(y.Parts, y.ExampleShape, Examples.Part(a, y), a.Stride, Examples.Part(b, y), b.Stride).Run<T>(context.Workers, a.Data, b.Data, y.Data);
    }

    /// <summary>The gradient of the result times or over an operand, walked as in the forward pass, into a new buffer.</summary>
    protected NativeBuffer<float> Combine<TFunction>(BackwardContext context, float* gradient, Tensor operand)
        where TFunction : struct, IBinaryFunction
    {
        Tensor y = context.Output;
        NativeBuffer<float> product = context.Rent(context.Batch * y.ExampleLength);
        new BroadcastLoop(context.Batch, y.ExampleShape, y.ExampleShape, y.ExampleLength, Examples.Part(operand, y), operand.Stride)
            .Run<TFunction>(context.Workers, gradient, operand.Data, product.Pointer);
        return product;
    }

    /// <summary>Gives an operand a gradient in the result's shape, summed where the operand was repeated.</summary>
    protected static void GiveSummed(BackwardContext context, int input, NativeBuffer<float> gradient)
    {
        Tensor x = context.Input(input), y = context.Output;
        if (x.ExampleLength == y.ExampleLength)
        {
            context.Give(input, gradient);
            return;
        }

        NativeBuffer<float> sum = context.RentFor(input);
        BroadcastSum.Run(context.Workers, context.Batch, y.ExampleShape, gradient.Pointer, Examples.Part(x, y), sum.Pointer);
        context.Return(gradient);
        context.Give(input, sum);
    }

    /// <summary>A copy of the result's gradient.</summary>
    protected static NativeBuffer<float> Copy(BackwardContext context)
    {
        long length = context.Batch * context.Output.ExampleLength;
        NativeBuffer<float> copy = context.Rent(length);
        Buffer.MemoryCopy(context.Gradient, copy.Pointer, length * sizeof(float), length * sizeof(float));
        return copy;
    }
}

/// <summary>a + b.</summary>
internal sealed class Add(GraphNode node) : Binary<AddFunction>(node, static (a, b) => a + b)
{
    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, context.Wants(1) ? Copy(context) : context.TakeGradient());
        if (context.Wants(1)) GiveSummed(context, 1, context.TakeGradient());
    }
}

/// <summary>a − b.</summary>
internal sealed unsafe class Subtract(GraphNode node) : Binary<SubtractFunction>(node, static (a, b) => a - b)
{
    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, context.Wants(1) ? Copy(context) : context.TakeGradient());
        if (!context.Wants(1)) return;
        NativeBuffer<float> gradient = context.TakeGradient();
        Vectors.Scale(context.Workers, -1, gradient.Pointer, context.Batch * context.Output.ExampleLength);
        GiveSummed(context, 1, gradient);
    }
}

/// <summary>a · b.</summary>
internal sealed unsafe class Multiply(GraphNode node) : Binary<MultiplyFunction>(node, static (a, b) => a * b)
{
    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, Combine<MultiplyFunction>(context, context.Gradient, context.Input(1)));
        if (context.Wants(1)) GiveSummed(context, 1, Combine<MultiplyFunction>(context, context.Gradient, context.Input(0)));
    }
}

/// <summary>a / b; ∂/∂b = −(a/b)/b.</summary>
internal sealed unsafe class Divide(GraphNode node) : Binary<DivideFunction>(node, (a, b) => b is 0 or -1 ? b == 0 ? throw node.Wrong("divides a whole number by 0") : unchecked(-a) : a / b)
{
    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, Combine<DivideFunction>(context, context.Gradient, context.Input(1)));
        if (!context.Wants(1)) return;
        using PooledBuffer product = new(context, Combine<MultiplyFunction>(context, context.Gradient, context.Output));
        NativeBuffer<float> quotient = Combine<DivideFunction>(context, product.Pointer, context.Input(1));
        Vectors.Scale(context.Workers, -1, quotient.Pointer, context.Batch * context.Output.ExampleLength);
        GiveSummed(context, 1, quotient);
    }
}
