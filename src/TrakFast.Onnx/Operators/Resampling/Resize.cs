using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// A value resampled along some of its axes (Resize, and Upsample before it): every output is a weighted sum of the input's
/// elements near it, and what the sums are follows from the sizes alone.
/// </summary>
internal sealed class Resize : Operator
{
    private readonly ResampledAxis?[] _axes;
    private readonly float _filler;
    private readonly ResampledPlane? _plane;

    public Resize(NodeBuilder node)
        : base(node, inputs: 1, optionalInputs: 3)
    {
        Value x = node.Peek(0);
        if (x.Length == 0) throw node.Refuse($"resamples {x}, which has no elements");
        ResampledAxis?[] axes = new ResizeSettings(node, x).Axes;
        (_axes, _filler) = (axes, node.Node.Number("extrapolation_value", 0));
        int first = Array.FindIndex(axes, static a => a is not null), last = Array.FindLastIndex(axes, static a => a is not null);
        if (first < 0)
        {
            node.ViewOf(0, x.Shape, x.Placement);
            return;
        }

        x = node.Floats(0);
        for (int axis = 0; axis < axes.Length; axis++)
        {
            if (axes[axis] is not null) node.RefuseExamples(axis, x);
        }

        long[] shape = [.. x.Shape.Select((size, axis) => axes[axis]?.Output ?? size)];
        node.Float(shape, x.Placement);
        _plane = ResampledPlane.Of(x.Shape, axes, first, last, _filler)
            ?? throw node.Refuse($"would make {Shapes.Text(shape)} from {x} by more weights than {NodeBuilder.MostEntries}");
    }

    public override StepFacts? Facts => new ResamplingFacts(
        [.. _axes.Select(static a => a is null ? null : new AxisSamples(a.Input, a.Starts, a.Sources, a.Weights))], _filler);

    public override bool IsView => _plane is null;

    public override bool SharesGradient(int input) => _plane is null;

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override unsafe void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        _plane!.Forward(context.Workers, x.Data, context.Output.Data, x.Total);
    }

    public override unsafe void Backward(BackwardContext context)
    {
        if (_plane is null)
        {
            context.Share(0);
            return;
        }

        TrakFast.Kernels.NativeBuffer<float> gradient = context.RentZero(0);
        _plane.Backward(context.Workers, context.Gradient, gradient.Pointer, context.Batch * context.Input(0).Length);
        context.Give(0, gradient);
    }
}
