using System.Numerics;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>The larger or smaller of two values, broadcast. The gradient goes to the winner; equal ones get half each.</summary>
/// <typeparam name="T">The function.</typeparam>
/// <typeparam name="TShare">What its first operand gets of the gradient.</typeparam>
internal sealed unsafe class Extreme<T, TShare> : Binary<T>
    where T : struct, IBinaryFunction
    where TShare : struct, IBinaryFunction
{
    private readonly long _length;

    public Extreme(NodeBuilder node, Func<long, long, long> whole)
        : base(node, whole) => _length = node.Output!.Length;

    public override long Scratch(bool[] wants) => 2 * _length;

    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, Share(context, 0));
        if (context.Wants(1)) GiveSummed(context, 1, Share(context, 1));
    }

    private static NativeBuffer<float> Share(BackwardContext context, int input)
    {
        Tensor first = context.Input(input), other = context.Input(1 - input), y = context.Output;
        NativeBuffer<float> share = context.Rent(y.Total), gradient = context.Rent(context.Batch * y.Length);
        new BroadcastLoop(y.Parts, y.Shape, first.Shape, first.Stride, other.Shape, other.Stride)
            .Run<TShare>(context.Workers, first.Data, other.Data, share.Pointer);
        new BroadcastLoop(context.Batch, y.Shape, y.Shape, y.Length, y.Shape, y.Stride)
            .Run<MultiplyFunction>(context.Workers, context.Gradient, share.Pointer, gradient.Pointer);
        context.Return(share);
        return gradient;
    }
}

/// <summary>max(a, b).</summary>
internal readonly struct MaxFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Vector.Max(a, b);
}

/// <summary>min(a, b).</summary>
internal readonly struct MinFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Vector.Min(a, b);
}

/// <summary>1 where a is above b, ½ where they are equal.</summary>
internal readonly struct LargerFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.Equals(a, b), Vector.Create(0.5f), Truth.Of(Vector.GreaterThan(a, b)));
}

/// <summary>1 where a is below b, ½ where they are equal.</summary>
internal readonly struct SmallerFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => LargerFunction.Invoke(b, a);
}
