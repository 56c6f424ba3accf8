namespace TrakFast.Onnx;

/// <summary>Σ|x|; its derivative is taken as 0 at 0.</summary>
internal sealed unsafe class ReduceL1(NodeBuilder node) : ReduceRows(node, firstWithInput: 18)
{
    protected override float Combine(float* x, int[] steps)
    {
        double sum = 0;
        foreach (int step in steps) sum += Math.Abs(x[step]);
        return (float)sum;
    }

    protected override void Distribute(float* x, int[] steps, float y, float delta, float* gradient)
    {
        foreach (int step in steps) gradient[step] = x[step] > 0 ? delta : x[step] < 0 ? -delta : 0;
    }
}

/// <summary>Σx².</summary>
internal sealed unsafe class ReduceSumSquare(NodeBuilder node) : ReduceRows(node, firstWithInput: 18)
{
    protected override float Combine(float* x, int[] steps)
    {
        double sum = 0;
        foreach (int step in steps) sum += (double)x[step] * x[step];
        return (float)sum;
    }

    protected override void Distribute(float* x, int[] steps, float y, float delta, float* gradient)
    {
        foreach (int step in steps) gradient[step] = 2 * delta * x[step];
    }
}

/// <summary>log Σx.</summary>
internal sealed unsafe class ReduceLogSum(NodeBuilder node) : ReduceRows(node, firstWithInput: 18)
{
    protected override float Combine(float* x, int[] steps)
    {
        double sum = 0;
        foreach (int step in steps) sum += x[step];
        return (float)Math.Log(sum);
    }

    protected override void Distribute(float* x, int[] steps, float y, float delta, float* gradient)
    {
        float share = (float)(delta / Math.Exp(y));
        foreach (int step in steps) gradient[step] = share;
    }
}

/// <summary>log Σeˣ, the largest x taken out of the sum.</summary>
internal sealed unsafe class ReduceLogSumExp(NodeBuilder node) : ReduceRows(node, firstWithInput: 18)
{
    protected override float Combine(float* x, int[] steps)
    {
        float largest = float.NegativeInfinity;
        foreach (int step in steps) largest = MathF.Max(largest, x[step]);
        if (float.IsInfinity(largest)) return largest;
        double sum = 0;
        foreach (int step in steps) sum += Math.Exp(x[step] - (double)largest);
        return (float)(largest + Math.Log(sum));
    }

    protected override void Distribute(float* x, int[] steps, float y, float delta, float* gradient)
    {
        foreach (int step in steps) gradient[step] = float.IsNegativeInfinity(x[step]) ? 0 : delta * MathF.Exp(x[step] - y);
    }
}
