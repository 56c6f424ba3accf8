using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// What GatherND and ScatterND share: tuples of indices, each naming a slice of the data by its leading axes. Where one of
/// these axes holds the examples, the tuples must name each example by its own index.
/// </summary>
internal abstract unsafe class IndexedSlices : Operator
{
    private readonly long[] _sizes;
    private readonly long[] _lowest;
    private readonly long[] _strides;
    private readonly long _tuplesOfOne;
    private readonly long _elementsOfOne;

    protected IndexedSlices(NodeBuilder node, int inputs, int batchAxes)
        : base(node, inputs)
    {
        Value data = node.Data(0), indices = node.Data(1, marked: true);
        if (!indices.Whole) throw node.Refuse($"reads indices from '{indices.Name}', which holds floating-point numbers");
        int depth = indices.Rank == 0 ? 0 : (int)Math.Min(indices.Shape[^1], int.MaxValue);
        if (depth < 1 || batchAxes < 0 || batchAxes >= indices.Rank || (long)batchAxes + depth > data.Rank
            || !data.Shape.Take(batchAxes).SequenceEqual(indices.Shape.Take(batchAxes)))
            throw node.Refuse($"reads indices {indices} into {data} behind {batchAxes} axes, which do not fit");
        (Depth, BatchAxes) = (depth, batchAxes);
        Tuples = indices.Length / depth;
        Slice = Shapes.Count(data.Shape.Skip(batchAxes + depth));
        long before = Shapes.Count(data.Shape.Take(batchAxes));
        _tuplesOfOne = Tuples / Math.Max(before, 1);
        _elementsOfOne = data.Length / Math.Max(before, 1);
        _sizes = data.Shape[batchAxes..(batchAxes + depth)];

        // Before an example itself lies another, not itself counted from the end.
        _lowest = [.. _sizes.Select((size, i) => data.Placement.HasAxis && data.Placement.Axis == batchAxes + i ? 0 : -size)];
        _strides = ParameterView.Dense(data.Shape)[batchAxes..(batchAxes + depth)];
        CheckExamples(node, data, indices);
    }

    public override StepFacts? Facts =>
        new SlicesFacts(BatchAxes, Tuples, _tuplesOfOne, _elementsOfOne, Slice, _sizes, _lowest, _strides, Adds);

    /// <summary>Numbers in a tuple.</summary>
    protected int Depth { get; }

    /// <summary>Leading axes that data and indices share.</summary>
    protected int BatchAxes { get; }

    /// <summary>Tuples of an example.</summary>
    protected long Tuples { get; }

    /// <summary>Elements of a slice.</summary>
    protected long Slice { get; }

    /// <summary>Whether what is written is added to what is there.</summary>
    protected virtual bool Adds => false;

    /// <summary>For every tuple of every part, where its slice begins in the data's part.</summary>
    protected void Each(Workers workers, Tensor indices, long parts, Action<long, long, long> body)
    {
        float* ids = indices.Data;
        workers.Run(parts, Math.Max(Vectors.Grain / Math.Max(Tuples * Slice, 1), 1), (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                for (long i = 0; i < Tuples; i++)
                {
                    float* tuple = ids + (part * indices.Stride) + (i * Depth);
                    long place = i / _tuplesOfOne * _elementsOfOne;
                    for (int axis = 0; axis < Depth; axis++)
                    {
                        float index = tuple[axis];
                        if (!(index >= _lowest[axis] && index < _sizes[axis]))
                            throw Node.Wrong(
                                $"wants element {index} of axis {axis + BatchAxes}, "
                                + $"which has {_sizes[axis]}, in example {part} of the batch");
                        place += (long)(index < 0 ? index + _sizes[axis] : index) * _strides[axis];
                    }

                    body(part, i, place);
                }
            }
        });
    }

    private void CheckExamples(NodeBuilder node, Value data, Value indices)
    {
        if (indices.Rank > 0) node.RefuseExamples(indices.Rank - 1, indices);
        bool named = data.Placement.HasAxis && data.Placement.Axis >= BatchAxes && data.Placement.Axis < BatchAxes + Depth;
        if (indices.Marks is null && !named) return;
        for (long i = 0; i < indices.Length; i++)
        {
            Mark wanted = named && (i % Depth) + BatchAxes == data.Placement.Axis ? Mark.Own : Mark.None;
            if (indices.MarkOf(i) != wanted || (wanted == Mark.Own && data.Shape[data.Placement.Axis] != 1))
                throw node.Refuse(
                    $"reads indices {indices} into {data}, "
                    + $"of which those along axis {data.Placement.Axis} do not name each example by its own index");
        }

        if (data.Placement.HasAxis && data.Placement.Axis < BatchAxes && indices.Placement != data.Placement)
            throw node.Refuse($"reads indices {indices} into {data} so that examples would meet");
        if (data.Placement.HasAxis && data.Placement.Axis >= BatchAxes + Depth && indices.Placement.HasAxis)
            throw node.Refuse($"reads indices {indices} into {data} so that examples would meet");
    }
}

/// <summary>Slices of the data by tuples of indices.</summary>
internal sealed unsafe class GatherND : IndexedSlices
{
    public GatherND(NodeBuilder node)
        : base(node, inputs: 2, (int)Math.Clamp(node.Node.Integer("batch_dims", 0), -1, int.MaxValue))
    {
        Value data = node.Peek(0), indices = node.Peek(1);
        int behind = BatchAxes + Depth;
        Placement placement = indices.Placement.HasAxis ? indices.Placement
            : data.Placement.HasAxis ? data.Placement.Moved(data.Placement.Axis - behind + indices.Rank - 1)
            : Placement.WithoutAxis(data.Batched || indices.Batched);
        node.Like(data, [.. indices.Shape[..^1], .. data.Shape[behind..]], placement);
    }

    public override bool KeepsInput(int input, bool[] wants) => input == 1;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        float* from = x.Data, to = y.Data;
        long bytes = Slice * sizeof(float);
        Each(context.Workers, context.Input(1), y.Parts, (part, i, place) =>
            Buffer.MemoryCopy(from + (part * x.Stride) + place, to + (part * y.Length) + (i * Slice), bytes, bytes));
    }

    public override void Backward(BackwardContext context)
    {
        NativeBuffer<float> gradient = context.RentZero(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        long length = context.Output.Length, size = context.Input(0).Length;
        Each(context.Workers, context.Input(1), context.Batch, (part, i, place) =>
            Vectors.Add(delta + (part * length) + (i * Slice), to + (part * size) + place, Slice));
        context.Give(0, gradient);
    }
}

/// <summary>A copy of the data with slices replaced, or added to, by tuples of indices.</summary>
internal sealed unsafe class ScatterND : IndexedSlices
{
    private readonly bool _add;

    public ScatterND(NodeBuilder node)
        : base(node, inputs: 3, batchAxes: 0)
    {
        Value data = node.Peek(0), indices = node.Peek(1), updates = node.Data(2);
        _add = Scattering.Adds(node);
        if (indices.Placement.HasAxis && !data.Placement.HasAxis)
            throw node.Refuse($"writes by indices {indices} into {data}, where examples would meet");
        long[] wanted = [.. indices.Shape[..^1], .. data.Shape[Depth..]];
        if (!updates.Shape.AsSpan().SequenceEqual(wanted))
            throw node.Refuse($"writes {updates} by indices {indices} into {data}, which do not fit");

        // Updates lie along the axis by which the tuples, or the slices, hold the examples.
        Placement expected = !data.Placement.HasAxis ? Placement.Shared
            : data.Placement.Axis < Depth ? indices.Placement
            : data.Placement.Moved(data.Placement.Axis - Depth + indices.Rank - 1);
        if (updates.Placement.HasAxis
            ? updates.Placement != expected
            : expected.HasAxis && updates.Length > 0 && updates.Shape[expected.Axis] != 1)
            throw node.Refuse($"writes {updates} by indices {indices} into {data} so that examples would meet or get different constants");
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
        long bytes = Slice * sizeof(float);
        Each(context.Workers, context.Input(1), y.Parts, (part, i, place) =>
        {
            float* update = from + (part * updates.Stride) + (i * Slice), write = to + (part * y.Length) + place;
            if (_add) Vectors.Add(update, write, Slice);
            else Buffer.MemoryCopy(update, write, bytes, bytes);
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor indices = context.Input(1);
        float* delta = context.Gradient;
        long length = context.Output.Length, bytes = Slice * sizeof(float);
        if (context.Wants(2))
        {
            NativeBuffer<float> updates = context.RentFor(2);
            float* to = updates.Pointer;
            Each(context.Workers, indices, context.Batch, (part, i, place) =>
                Buffer.MemoryCopy(delta + (part * length) + place, to + (((part * Tuples) + i) * Slice), bytes, bytes));
            context.Give(2, updates);
        }

        if (!context.Wants(0)) return;
        NativeBuffer<float> gradient = context.TakeGradient();
        float* through = gradient.Pointer;
        if (!_add)
            Each(
                context.Workers, indices, context.Batch,
                (part, i, place) => new Span<float>(through + (part * length) + place, (int)Slice).Clear());
        context.Give(0, gradient);
    }
}
