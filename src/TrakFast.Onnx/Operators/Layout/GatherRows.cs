using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// Rows of one axis by indices that are computed, or brought, by each example: an embedding of token ids, or a choice
/// from what the example itself made. Negative indices count from the end.
/// </summary>
internal unsafe class GatherRows : Operator
{
    // float32 elements in whose place the number of a row lies.
    private const long RowNumbers = sizeof(long) / sizeof(float);
    private readonly long _outer;
    private readonly long _size;
    private readonly long _inner;
    private readonly long _count;
    private readonly int _axis;
    private readonly long _lowest;

    public GatherRows(NodeBuilder node)
        : this(node, own: false)
    {
    }

    /// <param name="node">The node.</param>
    /// <param name="own">Whether the indices name, on the examples' axis, elements of the example itself.</param>
    protected GatherRows(NodeBuilder node, bool own)
        : base(node, inputs: 2)
    {
        Value x = node.Data(0), indices = node.Data(1, marked: own);
        if (!indices.Whole) throw node.Refuse($"reads indices from '{indices.Name}', which holds floating-point numbers");
        _axis = node.Axis(node.Node.Integer("axis", 0), x.Rank);
        if (!own) node.RefuseExamples(_axis, x);
        if (x.Placement.HasAxis && indices.Placement.HasAxis && !own)
            throw node.Refuse($"picks from {x} by {indices}, so that examples would meet");

        // Before an example's own elements lie another's, not its own counted from the end.
        _lowest = own ? 0 : -x.Shape[_axis];
        (_outer, _size, _inner, _count) =
            (Shapes.Count(x.Shape.Take(_axis)), x.Shape[_axis], Shapes.Count(x.Shape.Skip(_axis + 1)), indices.Length);
        if (_size == 0 && indices.Length > 0) throw node.Refuse($"picks from axis {_axis} of {x}, which is empty");
        Placement placement = indices.Placement.HasAxis ? indices.Placement.Moved(_axis + indices.Placement.Axis)
            : x.Placement.HasAxis ? (x.Placement.Axis > _axis ? x.Placement.Moved(x.Placement.Axis + indices.Rank - 1) : x.Placement)
            : Placement.WithoutAxis(x.Batched || indices.Batched);
        node.Like(x, [.. x.Shape[.._axis], .. indices.Shape, .. x.Shape[(_axis + 1)..]], placement);
    }

    public override StepFacts? Facts => new RowsFacts(_axis, _lowest);

    public override bool KeepsInput(int input, bool[] wants) => input == 1;

    public override bool EmitsBlocks(int input) => input == 0 && _outer == 1;

    public override long Scratch(bool[] wants) => _outer == 1 ? RowNumbers * _count : 0;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), indices = context.Input(1), y = context.Output;
        for (long i = 0; i < indices.Total; i++)
        {
            if (!(indices.Data[i] >= _lowest && indices.Data[i] < _size))
                throw Node.Wrong(
                    $"wants element {indices.Data[i]} of axis {_axis} of "
                    + $"{x}{(indices.Separate ? $" in example {i / indices.Length} of the batch" : "")}");
        }

        long inner = _inner, count = indices.Length;
        float* from = x.Data, ids = indices.Data, to = y.Data;
        long strideX = x.Stride, strideIds = indices.Stride;
        context.Workers.Run(y.Parts * _outer, Math.Max(Vectors.Grain / Math.Max(inner * count, 1), 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                (long part, long outer) = Math.DivRem(row, _outer);
                float* source = from + (part * strideX) + (outer * _size * inner), target = to + (row * count * inner);
                for (long t = 0; t < count; t++)
                    Buffer.MemoryCopy(
                        source + (Index(ids[(part * strideIds) + t]) * inner), target + (t * inner),
                        inner * sizeof(float), inner * sizeof(float));
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor indices = context.Input(1);
        long inner = _inner, count = indices.Length;
        float* ids = indices.Data, delta = context.Gradient;
        if (_outer == 1 && context.DenseUse(0) is { } offset)
        {
            EmitRows(context, offset, indices);
            return;
        }

        NativeBuffer<float> gradient = context.RentZero(0);
        float* to = gradient.Pointer;
        long strideIds = indices.Stride;
        context.Workers.Run(context.Batch * _outer, Math.Max(Vectors.Grain / Math.Max(inner * count, 1), 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                float* target = to + (row * _size * inner), source = delta + (row * count * inner);
                for (long t = 0; t < count; t++)
                    Vectors.Add(source + (t * inner), target + (Index(ids[(row / _outer * strideIds) + t]) * inner), inner);
            }
        });
        context.Give(0, gradient);
    }

    private void EmitRows(BackwardContext context, long offset, Tensor indices)
    {
        long count = indices.Length;
        NativeBuffer<float> rented = context.Rent(RowNumbers * context.Batch * count);
        long* rows = (long*)rented.Pointer;
        for (long b = 0; b < context.Batch; b++)
        {
            for (long t = 0; t < count; t++) rows[(b * count) + t] = Index(indices.Data[(b * indices.Stride) + t]);
        }

        context.Emit(new RowsBlock(
            context.Batch, offset, checked((int)_inner), checked((int)count), MemoryView.Of(rows, context.Batch * count),
            MemoryView.Of(context.Gradient, context.Batch * count * _inner)));
        context.Return(rented);
    }

    private long Index(float index) => index < 0 ? (long)index + _size : (long)index;
}

/// <summary>
/// Each example's own elements of the axis that holds the examples, merged with others or not: x[arange(B)], or
/// x.flatten(0, 1)[arange(B)·T + t].
/// </summary>
internal sealed class GatherOwn : GatherRows
{
    public GatherOwn(NodeBuilder node)
        : base(node, own: true)
    {
        Value x = node.Peek(0), indices = node.Peek(1);
        int axis = node.Axis(node.Node.Integer("axis", 0), x.Rank);
        if (!x.Placement.HasAxis || x.Placement.Axis != axis || x.Placement.Outer != 1 || !indices.Placement.HasAxis
            || !Array.TrueForAll(indices.Marks!, m => (long)m == x.Shape[axis]))
            throw node.Refuse($"picks along axis {axis} of {x} by numbers that depend on the number of examples");
    }
}
