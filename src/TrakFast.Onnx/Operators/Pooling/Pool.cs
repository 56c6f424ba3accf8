using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>An operator that makes each output of a channel from a window of its input.</summary>
internal abstract unsafe class Pool : Operator
{
    private readonly ConvolutionGeometry _geometry;
    private readonly Window _window;

    protected Pool(NodeBuilder node, bool includePads, bool saves)
        : base(node, inputs: 1)
    {
        Value x = node.Floats(0);
        for (int axis = 1; axis < x.Rank; axis++) node.RefuseExamples(axis, x);
        _geometry = new SpatialWindow(node).For(x.Shape, [], 1, 1, out int[] padsEnd);
        node.RefuseTable((Int128)_geometry.OutputSize * _geometry.KernelSize);
        _window = new Window(_geometry, includePads ? padsEnd : null);
        node.Float([x.Shape[0], x.Shape[1], .. _geometry.Output.Select(static s => (long)s)], x.Placement);
        if (saves) node.Save(node.Output!.Length);
    }

    public override StepFacts? Facts => new PoolingFacts(_geometry, _window.Divisors);

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        long planes = x.Parts * x.Shape[0] * x.Shape[1], inputs = _geometry.InputSize, outputs = _geometry.OutputSize;
        float* saved = context.Saved, from = x.Data, to = context.Output.Data;
        context.Workers.Run(planes, Math.Max(Vectors.Grain / Math.Max(outputs, 1), 1), (start, end) =>
        {
            for (long plane = start; plane < end; plane++)
                Forward(_window, from + (plane * inputs), to + (plane * outputs), (int*)saved + (plane * outputs));
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        long inputs = _geometry.InputSize, outputs = _geometry.OutputSize, planes = x.Total / inputs;
        NativeBuffer<float> gradient = context.RentZero(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        int* saved = (int*)context.Saved;
        context.Workers.Run(context.Batch * x.Length / inputs, Math.Max(Vectors.Grain / Math.Max(outputs, 1), 1), (start, end) =>
        {
            for (long plane = start; plane < end; plane++)
                Backward(_window, delta + (plane * outputs), saved + (plane % planes * outputs), to + (plane * inputs));
        });
        context.Give(0, gradient);
    }

    /// <summary>One channel of one image.</summary>
    protected abstract void Forward(Window window, float* x, float* y, int* saved);

    /// <summary>One channel of one image; the input's gradient is cleared before.</summary>
    protected abstract void Backward(Window window, float* delta, int* saved, float* gradient);
}
