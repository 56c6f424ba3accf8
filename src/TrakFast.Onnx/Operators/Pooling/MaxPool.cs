namespace TrakFast.Onnx;

/// <summary>The largest element of each window, the first where several are; pads never win.</summary>
internal sealed unsafe class MaxPool : Pool
{
    public MaxPool(GraphNode node)
        : base(node, includePads: false)
    {
        if (node.Integer("storage_order", 0) != 0) throw node.Wrong("has storage_order 1; only 0 is supported");
    }

    protected override float* Prepare(ForwardContext context, Tensor y) => context.Save(y.Length);

    protected override void Forward(Window window, float* x, float* y, int* saved)
    {
        for (int output = 0; output < window.Count; output++)
        {
            int best = -1;
            float largest = float.NegativeInfinity;
            foreach (int place in window[output])
            {
                // A value that is not a number wins, so that it does not vanish.
                if (best >= 0 && !(x[place] > largest) && !float.IsNaN(x[place])) continue;
                largest = x[place];
                best = place;
            }

            y[output] = largest;
            saved[output] = best;
        }
    }

    protected override void Backward(Window window, float* delta, int* saved, float* gradient)
    {
        for (int output = 0; output < window.Count; output++)
        {
            if (saved[output] >= 0) gradient[saved[output]] += delta[output];
        }
    }
}
