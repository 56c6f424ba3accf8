using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Values kept between two constant numbers, either of which may be left out; they come as inputs or, before opset 11, as attributes.</summary>
internal static class Clip
{
    public static Operator Create(NodeBuilder node)
    {
        if (node.InputCount > 3) throw node.Refuse($"has {node.InputCount} inputs; 1 to 3 are wanted");
        float low = node.Has(1) ? node.Number(1, "a lower bound") : float.NegativeInfinity;
        float high = node.Has(2) ? node.Number(2, "an upper bound") : float.PositiveInfinity;
        return new Bounded(node, low, high);
    }

    private sealed unsafe class Bounded : Operator
    {
        private readonly ClipFunction _function;

        public Bounded(NodeBuilder node, float low, float high)
            : base(node, inputs: 1, optionalInputs: 2)
        {
            _function = new ClipFunction(low, high);
            Value x = node.Peek(0);
            if (x.Numbers is not null)
            {
                WholeNumbers.Map(node, x, v =>
                {
                    long raised = v < low ? (long)low : v;
                    return raised > high ? (long)high : raised;
                });
                return;
            }

            x = node.Data(0);
            node.Like(x, x.Shape, x.Placement);
        }

        public override bool ReusesGradient => true;

        public override void Forward(ForwardContext context)
        {
            Tensor x = context.Input(0);
            VectorMap.Forward(context.Workers, _function, x.Data, context.Output.Data, x.Total);
        }

        public override void Backward(BackwardContext context)
        {
            Tensor x = context.Input(0);
            NativeBuffer<float> gradient = context.TakeGradient();
            for (int b = 0; b < (x.Separate ? 1 : context.Batch); b++)
                VectorMap.Backward(context.Workers, _function, x.Data, x.Data, gradient.Pointer + (b * x.Length), x.Total);
            context.Give(0, gradient);
        }
    }
}
