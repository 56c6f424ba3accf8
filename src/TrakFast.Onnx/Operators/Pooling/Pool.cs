using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>An operator that makes each output of a channel from a window of its input.</summary>
internal abstract unsafe class Pool : Operator
{
    private readonly SpatialWindow _window;
    private readonly bool _includePads;
    private Known? _last;

    protected Pool(GraphNode node, bool includePads)
        : base(node, inputs: 1)
    {
        _window = new SpatialWindow(node);
        _includePads = includePads;
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        Known known = Windows(x);
        (ConvolutionGeometry geometry, Window window) = (known.Geometry, known.Window);
        Tensor y = context.Allocate([x.Shape[0], x.Shape[1], .. geometry.Output.Select(static s => (long)s)], x.Batched);
        long planes = x.Shape[0] * x.Shape[1], inputs = geometry.InputSize, outputs = geometry.OutputSize;
        float* saved = Prepare(context, y), from = x.Data, to = y.Data;
        context.Workers.Run(planes, Math.Max(Vectors.Grain / Math.Max(outputs, 1), 1), (start, end) =>
        {
            for (long plane = start; plane < end; plane++)
                Forward(window, from + (plane * inputs), to + (plane * outputs), (int*)saved + (plane * outputs));
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        Known known = Windows(x);
        (ConvolutionGeometry geometry, Window window) = (known.Geometry, known.Window);
        long inputs = geometry.InputSize, outputs = geometry.OutputSize, planes = x.Length / inputs;
        NativeBuffer<float> gradient = context.RentZero(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        int* saved = (int*)context.Saved;
        context.Workers.Run(context.Batch * x.ExampleLength / inputs, Math.Max(Vectors.Grain / Math.Max(outputs, 1), 1), (start, end) =>
        {
            for (long plane = start; plane < end; plane++)
                Backward(window, delta + (plane * outputs), saved + (plane % planes * outputs), to + (plane * inputs));
        });
        context.Give(0, gradient);
    }

    /// <summary>Room for what the backward step wants to know, or null.</summary>
    protected abstract float* Prepare(ForwardContext context, Tensor y);

    /// <summary>One channel of one image.</summary>
    protected abstract void Forward(Window window, float* x, float* y, int* saved);

    /// <summary>One channel of one image; the input's gradient is cleared before.</summary>
    protected abstract void Backward(Window window, float* delta, int* saved, float* gradient);

    private Known Windows(Tensor x)
    {
        // Kept while the sizes stay. Clones share the operator: the reference is read and replaced as a whole.
        Known? known = _last;
        if (known is not null && known.Shape.AsSpan().SequenceEqual(x.Shape.AsSpan(1))) return known;
        ConvolutionGeometry geometry = _window.For(x.Shape, [], 1, 1, out int[] padsEnd);
        return _last = new Known(x.Shape[1..], geometry, new Window(geometry, _includePads ? padsEnd : null));
    }

    private sealed record Known(long[] Shape, ConvolutionGeometry Geometry, Window Window);
}
