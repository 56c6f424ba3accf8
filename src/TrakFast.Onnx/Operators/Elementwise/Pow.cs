using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>xᵉ for an exponent e that is one number, the same for all examples.</summary>
internal sealed unsafe class Pow(GraphNode node) : Operator(node, inputs: 2)
{
    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        float exponent = Exponent(context.Any(1));
        Tensor y = context.Allocate(x.Shape, x.Batched);
        float* from = x.Data, to = y.Data;
        context.Workers.Run(x.Length, Vectors.Grain, (start, end) =>
        {
            for (long i = start; i < end; i++) to[i] = Power(from[i], exponent);
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        float exponent = Exponent(context.Input(1));
        NativeBuffer<float> gradient = context.TakeGradient();
        float* g = gradient.Pointer, values = x.Data;
        long period = x.Length;
        context.Workers.Run(context.Batch * x.ExampleLength, Vectors.Grain, (start, end) =>
        {
            for (long i = start; i < end; i++) g[i] *= exponent * Power(values[i % period], exponent - 1);
        });
        context.Give(0, gradient);
    }

    // The exponents that networks use are exact and cheap.
    private static float Power(float x, float exponent) => exponent switch
    {
        0 => 1,
        1 => x,
        2 => x * x,
        3 => x * x * x,
        0.5f => MathF.Sqrt(x),
        -1 => 1 / x,
        _ => MathF.Pow(x, exponent),
    };

    private float Exponent(Tensor exponent)
    {
        if (exponent.Batched || exponent.Length != 1) throw Refuse($"has an exponent of shape {exponent}; one number is supported");
        return exponent.IsInteger ? exponent.Integers[0] : *exponent.Data;
    }
}
