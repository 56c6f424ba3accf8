using System.Numerics;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>x above 0, s·x below, with a slope s that is trained.</summary>
internal sealed unsafe class PRelu(NodeBuilder node) : Binary<PReluFunction>(node, whole: null)
{
    public override void Backward(BackwardContext context)
    {
        if (context.Wants(1)) GiveSummed(context, 1, Combine<BelowFunction>(context, context.Gradient, context.Input(0)));
        if (!context.Wants(0)) return;
        Tensor x = context.Input(0), y = context.Output;
        NativeBuffer<float> slope = context.Rent(y.Total);
        new BroadcastLoop(y.Parts, y.Shape, x.Shape, x.Stride, context.Input(1).Shape, context.Input(1).Stride)
            .Run<SlopeFunction>(context.Workers, x.Data, context.Input(1).Data, slope.Pointer);
        NativeBuffer<float> gradient = context.Rent(context.Batch * y.Length);
        new BroadcastLoop(context.Batch, y.Shape, y.Shape, y.Length, y.Shape, y.Stride)
            .Run<MultiplyFunction>(context.Workers, context.Gradient, slope.Pointer, gradient.Pointer);
        context.Return(slope);
        GiveSummed(context, 0, gradient);
    }
}

/// <summary>x above 0, s·x below.</summary>
internal readonly struct PReluFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Vector.ConditionalSelect(Vector.LessThan(a, default), a * b, a);
}

/// <summary>The derivative of PRelu by x: 1 above 0, s below.</summary>
internal readonly struct SlopeFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.GreaterThan(a, default), Vector<float>.One, b);
}

/// <summary>A gradient times the derivative of PRelu by s: x below 0, else 0.</summary>
internal readonly struct BelowFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => a * Vector.Min(b, default);
}
