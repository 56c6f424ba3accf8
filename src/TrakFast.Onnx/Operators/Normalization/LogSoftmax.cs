namespace TrakFast.Onnx;

/// <summary>x − log Σ eˣ.</summary>
internal sealed unsafe class LogSoftmax(NodeBuilder node) : RowwiseOperator(node)
{
    protected override void Forward(float* x, float* y, long along, long step)
    {
        (float largest, double sum) = Exponentials(x, along, step);
        float log = (float)Math.Log(sum);
        for (long i = 0; i < along; i++) y[i * step] = x[i * step] - largest - log;
    }

    protected override void Backward(float* y, float* gradient, long along, long step)
    {
        double sum = 0;
        for (long i = 0; i < along; i++) sum += gradient[i * step];
        for (long i = 0; i < along; i++) gradient[i * step] -= MathF.Exp(y[i * step]) * (float)sum;
    }
}
