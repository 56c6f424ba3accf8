namespace TrakFast.Onnx;

/// <summary>The mean of each window, over the pads too where the file says so.</summary>
internal sealed unsafe class AveragePool(NodeBuilder node)
    : Pool(Checked(node), node.Node.Integer("count_include_pad", 0) != 0, saves: false)
{
    private const int FirstWithDilations = 19;

    protected override void Forward(Window window, float* x, float* y, int* saved)
    {
        for (int output = 0; output < window.Count; output++)
        {
            float sum = 0;
            foreach (int place in window[output]) sum += x[place];
            y[output] = sum / window.Divisors[output];
        }
    }

    protected override void Backward(Window window, float* delta, int* saved, float* gradient)
    {
        for (int output = 0; output < window.Count; output++)
        {
            float share = delta[output] / window.Divisors[output];
            foreach (int place in window[output]) gradient[place] += share;
        }
    }

    private static NodeBuilder Checked(NodeBuilder node) =>
        node.Opset < FirstWithDilations && node.Node.Attributes.ContainsKey("dilations")
            ? throw node.Refuse($"has dilations, which belong to opset {FirstWithDilations}; the file names opset {node.Opset}")
            : node;
}
