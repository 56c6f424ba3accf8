namespace TrakFast.Onnx;

/// <summary>eˣ / Σ eˣ.</summary>
internal sealed unsafe class Softmax(NodeBuilder node) : RowwiseOperator(node)
{
    public override bool Overwrites => true;

    protected override void Forward(float* x, float* y, long along, long step)
    {
        (_, double sum) = Exponentials(x, y, along, step);
        float factor = (float)(1 / sum);
        if (step == 1) Vectors.Scale(factor, y, along);
        else for (long i = 0; i < along; i++) y[i * step] *= factor;
    }

    protected override void Backward(float* y, float* gradient, long along, long step)
    {
        if (step == 1)
        {
            ExponentialRow.Weigh(y, gradient, along, (float)Vectors.WideDot(y, gradient, along));
            return;
        }

        double dot = 0;
        for (long i = 0; i < along; i++) dot += (double)y[i * step] * gradient[i * step];
        for (long i = 0; i < along; i++) gradient[i * step] = y[i * step] * (gradient[i * step] - (float)dot);
    }
}
