using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>The upper or lower triangle of matrices, from the k-th diagonal on; 0 elsewhere.</summary>
internal sealed unsafe class Trilu : Operator
{
    private readonly bool[] _kept;

    public Trilu(NodeBuilder node)
        : base(node, inputs: 1, optionalInputs: 1)
    {
        Value x = node.Peek(0);
        if (x.Rank < 2) throw node.Refuse($"takes a triangle of {x}; matrices are wanted");
        node.RefuseExamples(x.Rank - 1, x);
        node.RefuseExamples(x.Rank - 2, x);
        long diagonal = node.Has(1) ? node.Integers(1) is [long one] ? one : throw node.Refuse("names several diagonals") : 0;
        bool upper = node.Node.Integer("upper", 1) != 0;
        (long rows, long columns) = (x.Shape[^2], x.Shape[^1]);
        node.RefuseTable((Int128)rows * columns);
        _kept = new bool[rows * columns];
        for (int i = 0; i < _kept.Length; i++)
            _kept[i] = upper ? (i % columns) - (i / columns) >= diagonal : (i % columns) - (i / columns) <= diagonal;
        if (x.Numbers is not null)
        {
            node.Known(
                [.. x.Numbers.Select((v, i) => _kept[i % _kept.Length] ? v : 0)], x.Shape, x.Placement,
                x.Marks is null ? null : [.. x.Marks.Select((m, i) => _kept[i % _kept.Length] ? m : Mark.None)]);
            return;
        }

        node.Data(0);
        node.Like(x, x.Shape, x.Placement);
    }

    public override bool ReusesGradient => true;

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        Mask(context.Workers, x.Total, x.Data, context.Output.Data);
    }

    public override void Backward(BackwardContext context)
    {
        NativeBuffer<float> gradient = context.TakeGradient();
        Mask(context.Workers, context.Batch * context.Output.Length, gradient.Pointer, gradient.Pointer);
        context.Give(0, gradient);
    }

    private void Mask(Workers workers, long length, float* from, float* to) => workers.Run(length, Vectors.Grain, (start, end) =>
    {
        for (long i = start; i < end; i++) to[i] = _kept[i % _kept.Length] ? from[i] : 0;
    });
}
