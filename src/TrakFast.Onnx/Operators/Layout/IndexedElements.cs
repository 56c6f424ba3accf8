using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// What GatherElements and ScatterElements share: for every element of the indices, an element of the data that differs
/// from it in one axis alone.
/// </summary>
internal abstract unsafe class IndexedElements : Operator
{
    private readonly int _axis;
    private readonly long[] _data;
    private readonly long[] _places;

    protected IndexedElements(NodeBuilder node, int inputs)
        : base(node, inputs)
    {
        Value data = node.Data(0), indices = node.Data(1);
        _axis = node.OwnAxis(node.Node.Integer("axis", 0), data);
        if (!indices.Whole) throw node.Refuse($"reads indices from '{indices.Name}', which holds floating-point numbers");
        if (indices.Rank != data.Rank || indices.Shape.Where((s, i) => i != _axis && s > data.Shape[i]).Any())
            throw node.Refuse($"reads indices {indices} into {data}, which do not fit");
        if (indices.Placement != data.Placement && (indices.Placement.HasAxis || data.Placement.HasAxis))
            throw node.Refuse($"reads indices {indices} into {data} so that examples would meet or get different constants");
        if (data.Placement is { HasAxis: true, Axis: int examples } && indices.Shape[examples] != data.Shape[examples])
            throw node.Refuse($"reads indices {indices} into {data} so that examples would meet");
        _data = data.Shape;

        // Where each element lies in the data but for its index.
        long[] strides = ParameterView.Dense(data.Shape);
        Stride = strides[_axis];
        node.RefuseTable(indices.Length);
        _places = new long[indices.Length];
        for (long i = 0; i < _places.Length; i++)
        {
            long rest = i;
            for (int axis = data.Rank - 1; axis >= 0; axis--)
            {
                (rest, long at) = Math.DivRem(rest, indices.Shape[axis]);
                if (axis != _axis) _places[i] += at * strides[axis];
            }
        }
    }

    public override StepFacts? Facts => new ElementsFacts(_axis, Adds);

    /// <summary>Whether what is written is added to what is there.</summary>
    protected virtual bool Adds => false;

    /// <summary>Elements of the data between two neighbors along the axis.</summary>
    private long Stride { get; }

    /// <summary>For every element of an example's indices, the place of the data's element.</summary>
    protected void Each(Workers workers, Tensor indices, long parts, Action<long, long, long> body)
    {
        float* ids = indices.Data;
        workers.Run(parts, Math.Max(Vectors.Grain / Math.Max(indices.Length, 1), 1), (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                for (long i = 0; i < indices.Length; i++)
                    body(part, i, _places[i] + (Index(ids[(part * indices.Stride) + i], part) * Stride));
            }
        });
    }

    private long Index(float index, long part)
    {
        long size = _data[_axis];
        if (!(index >= -size && index < size))
            throw Node.Wrong($"wants element {index} of axis {_axis} of {Shapes.Text(_data)} in example {part} of the batch");
        return index < 0 ? (long)index + size : (long)index;
    }
}

/// <summary>Elements by their indices along an axis: y[i, j] = x[index[i, j], j].</summary>
internal sealed unsafe class GatherElements : IndexedElements
{
    public GatherElements(NodeBuilder node)
        : base(node, inputs: 2) =>
        node.Like(node.Peek(0), node.Peek(1).Shape, node.Peek(0).Placement.Batched ? node.Peek(0).Placement : node.Peek(1).Placement);

    public override bool KeepsInput(int input, bool[] wants) => input == 1;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        float* from = x.Data, to = y.Data;
        Each(context.Workers, context.Input(1), y.Parts, (part, i, place) => to[(part * y.Length) + i] = from[(part * x.Stride) + place]);
    }

    public override void Backward(BackwardContext context)
    {
        NativeBuffer<float> gradient = context.RentZero(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        long length = context.Output.Length, size = context.Input(0).Length;
        Each(context.Workers, context.Input(1), context.Batch, (part, i, place) => to[(part * size) + place] += delta[(part * length) + i]);
        context.Give(0, gradient);
    }
}

/// <summary>A copy of the data with elements replaced, or added to, by their indices along an axis.</summary>
internal sealed unsafe class ScatterElements : IndexedElements
{
    private readonly bool _add;

    public ScatterElements(NodeBuilder node)
        : base(node, inputs: 3)
    {
        Value data = node.Peek(0), indices = node.Peek(1), updates = node.Data(2);
        _add = Scattering.Adds(node);
        if (!updates.Shape.AsSpan().SequenceEqual(indices.Shape)
            || (updates.Placement != data.Placement && (updates.Placement.HasAxis || data.Placement.HasAxis)))
            throw node.Refuse($"writes {updates} by indices {indices} into {data}, which do not fit");
        Scattering.Declare(node);
    }

    /// <summary>Whether updates are added.</summary>
    protected override bool Adds => _add;

    public override bool KeepsInput(int input, bool[] wants) => input == 1;

    public override void Forward(ForwardContext context)
    {
        Tensor updates = context.Input(2), y = context.Output;
        float* from = updates.Data, to = y.Data;
        Scattering.Copy(context);
        Each(context.Workers, context.Input(1), y.Parts, (part, i, place) =>
        {
            float update = from[(part * updates.Stride) + i];
            to[(part * y.Length) + place] = _add ? to[(part * y.Length) + place] + update : update;
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor indices = context.Input(1);
        float* delta = context.Gradient;
        long length = context.Output.Length, count = indices.Length;
        if (context.Wants(2))
        {
            NativeBuffer<float> updates = context.RentFor(2);
            float* to = updates.Pointer;
            Each(context.Workers, indices, context.Batch, (part, i, place) => to[(part * count) + i] = delta[(part * length) + place]);
            context.Give(2, updates);
        }

        if (!context.Wants(0)) return;
        NativeBuffer<float> gradient = context.TakeGradient();
        float* through = gradient.Pointer;
        if (!_add) Each(context.Workers, indices, context.Batch, (part, i, place) => through[(part * length) + place] = 0);
        context.Give(0, gradient);
    }
}
