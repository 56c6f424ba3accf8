namespace TrakFast.Onnx;

/// <summary>Values kept between two constant numbers, either of which may be left out; they come as inputs.</summary>
internal static class Clip
{
    public static Operator Create(NodeBuilder node)
    {
        float low = node.Has(1) ? node.Number(1, "a lower bound") : float.NegativeInfinity;
        float high = node.Has(2) ? node.Number(2, "an upper bound") : float.PositiveInfinity;
        return new Unary<ClipFunction>(node, new ClipFunction(low, high), Whole, optionalInputs: 2);

        long Whole(long v)
        {
            long raised = v < low ? (long)low : v;
            return raised > high ? (long)high : raised;
        }
    }
}
