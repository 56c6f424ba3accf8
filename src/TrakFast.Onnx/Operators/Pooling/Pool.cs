using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>An operator that makes each output of a channel from a window of its input.</summary>
internal abstract unsafe class Pool : Operator
{
    private readonly SpatialWindow _window;
    private readonly bool _includePads;
    private (long[] Shape, ConvolutionGeometry Geometry, Window Window)? _last;

    protected Pool(GraphNode node, bool includePads)
        : base(node, inputs: 1)
    {
        _window = new SpatialWindow(node);
        _includePads = includePads;
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        (ConvolutionGeometry geometry, Window window) = Windows(x);
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
        (ConvolutionGeometry geometry, Window window) = Windows(x);
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

    private (ConvolutionGeometry Geometry, Window Window) Windows(Tensor x)
    {
        // Clones share the operator, and any of them may replace what it remembers: it is read and written as one.
        if (_last is { } last && last.Shape.AsSpan().SequenceEqual(x.Shape.AsSpan(1))) return (last.Geometry, last.Window);
        ConvolutionGeometry geometry = _window.For(x.Shape, [], 1, 1);
        Window window = new(geometry, _includePads);
        _last = (x.Shape[1..], geometry, window);
        return (geometry, window);
    }
}
