using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>An operator on two values that broadcast as in NumPy.</summary>
internal abstract unsafe class Binary<T> : Operator
    where T : struct, IBinaryFunction
{
    protected Binary(GraphNode node)
        : base(node, inputs: 2)
    {
    }

    public override void Forward(ForwardContext context)
    {
        Tensor a = context.Input(0), b = context.Input(1);
        long[] shape = Result(a, b);
        Tensor y = context.Allocate(shape, a.Batched || b.Batched);
        if (y.Length == 0) return;
        new BroadcastLoop(y.Parts, y.ExampleShape, Part(a, y), a.Stride, Part(b, y), b.Stride).Run<T>(context.Workers, a.Data, b.Data, y.Data);
    }

    /// <summary>The gradient of the result times or over an operand, walked as in the forward pass, into a new buffer.</summary>
    protected NativeBuffer<float> Combine<TFunction>(BackwardContext context, float* gradient, Tensor operand)
        where TFunction : struct, IBinaryFunction
    {
        Tensor y = context.Output;
        NativeBuffer<float> product = context.Rent(context.Batch * y.ExampleLength);
        new BroadcastLoop(context.Batch, y.ExampleShape, y.ExampleShape, y.ExampleLength, Part(operand, y), operand.Stride)
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
        BroadcastSum.Run(context.Workers, context.Batch, y.ExampleShape, gradient.Pointer, Part(x, y), sum.Pointer);
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

    // An operand's shape without the example axis: its own, or the leading 1 that stands for it.
    private static ReadOnlySpan<long> Part(Tensor x, Tensor result) =>
        x.Batched || !result.Batched || x.Rank < result.Rank ? x.ExampleShape : x.Shape.AsSpan(1);

    private long[] Result(Tensor a, Tensor b)
    {
        if (a.Batched || b.Batched)
        {
            Tensor batched = a.Batched ? a : b, other = a.Batched ? b : a;
            bool apart = other.Batched ? other.Rank == batched.Rank : other.Rank < batched.Rank || (other.Rank == batched.Rank && other.Shape[0] == 1);
            if (!apart) throw Refuse($"combines {a} and {b} so that different examples would meet or get different constants");
        }

        try
        {
            return HostBroadcast.Shape(a.Shape, b.Shape);
        }
        catch (TrakException error)
        {
            throw Refuse($"combines {a} and {b}, which do not broadcast ({error.Message.TrimEnd('.')})");
        }
    }
}

/// <summary>a + b.</summary>
internal sealed class Add(GraphNode node) : Binary<AddFunction>(node)
{
    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, context.Wants(1) ? Copy(context) : context.TakeGradient());
        if (context.Wants(1)) GiveSummed(context, 1, context.TakeGradient());
    }
}

/// <summary>a − b.</summary>
internal sealed unsafe class Subtract(GraphNode node) : Binary<SubtractFunction>(node)
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
internal sealed unsafe class Multiply(GraphNode node) : Binary<MultiplyFunction>(node)
{
    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, Combine<MultiplyFunction>(context, context.Gradient, context.Input(1)));
        if (context.Wants(1)) GiveSummed(context, 1, Combine<MultiplyFunction>(context, context.Gradient, context.Input(0)));
    }
}

/// <summary>a / b; ∂/∂b = −(a/b)/b.</summary>
internal sealed unsafe class Divide(GraphNode node) : Binary<DivideFunction>(node)
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
