namespace TrakFast.Onnx;

/// <summary>eˣ / Σ eˣ.</summary>
internal sealed unsafe class Softmax(NodeBuilder node) : RowwiseOperator(node)
{
    protected override void Forward(float* x, float* y, long along, long step)
    {
        (float largest, double sum) = Exponentials(x, along, step);
        float factor = (float)(1 / sum);
        for (long i = 0; i < along; i++) y[i * step] = MathF.Exp(x[i * step] - largest) * factor;
    }

    protected override void Backward(float* y, float* gradient, long along, long step)
    {
        double dot = 0;
        for (long i = 0; i < along; i++) dot += (double)y[i * step] * gradient[i * step];
        for (long i = 0; i < along; i++) gradient[i * step] = y[i * step] * (gradient[i * step] - (float)dot);
    }
}
