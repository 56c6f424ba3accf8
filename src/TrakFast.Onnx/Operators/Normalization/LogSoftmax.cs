using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>x − log Σ eˣ.</summary>
internal sealed unsafe class LogSoftmax(NodeBuilder node) : RowwiseOperator(node)
{
    protected override void Forward(float* x, float* y, long along, long step)
    {
        (float largest, double sum) = Exponentials(x, y, along, step);
        float log = (float)Math.Log(sum);
        if (step == 1)
        {
            Vector<float> shift = Vector.Create(largest), level = Vector.Create(log);
            long i = 0;
            for (; i <= along - Vector<float>.Count; i += Vector<float>.Count) (Vectors.Load(x + i) - shift - level).Store(y + i);
            for (; i < along; i++) y[i] = x[i] - largest - log;
            return;
        }

        for (long i = 0; i < along; i++) y[i * step] = x[i * step] - largest - log;
    }

    protected override void Backward(float* y, float* gradient, long along, long step)
    {
        if (step == 1)
        {
            ExponentialRow.Subtract(y, gradient, along, (float)Vectors.WideSum(gradient, along));
            return;
        }

        double sum = 0;
        for (long i = 0; i < along; i++) sum += gradient[i * step];
        for (long i = 0; i < along; i++) gradient[i * step] -= MathF.Exp(y[i * step]) * (float)sum;
    }
}
