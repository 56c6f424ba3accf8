namespace TrakFast.Onnx;

/// <summary>1 at the largest element of a row, the first where several are, and 0 elsewhere. No gradient passes.</summary>
internal sealed unsafe class Hardmax(NodeBuilder node) : RowwiseOperator(node)
{
    protected override void Forward(float* x, float* y, long along, long step)
    {
        long best = 0;
        for (long i = 1; i < along; i++) best = x[i * step] > x[best * step] ? i : best;
        for (long i = 0; i < along; i++) y[i * step] = i == best ? 1 : 0;
    }

    protected override void Backward(float* y, float* gradient, long along, long step)
    {
        for (long i = 0; i < along; i++) gradient[i * step] = 0;
    }
}
