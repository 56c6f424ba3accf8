using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// y = α·op(A)·op(B) + β·C. A carries the examples as its rows, or no input but C carries any; B never does.
/// </summary>
internal sealed unsafe class Gemm : Operator
{
    private readonly float _alpha;
    private readonly float _beta;
    private readonly bool _transposeA;
    private readonly bool _transposeB;

    private readonly long _m;
    private readonly long _n;
    private readonly long _k;

    public Gemm(NodeBuilder node)
        : base(node, inputs: 2, optionalInputs: 1)
    {
        _alpha = node.Node.Number("alpha", 1);
        _beta = node.Node.Number("beta", 1);
        _transposeA = node.Node.Integer("transA", 0) != 0;
        _transposeB = node.Node.Integer("transB", 0) != 0;
        Value a = node.Floats(0), b = node.Floats(1);
        if (a.Rank != 2 || b.Rank != 2) throw node.Refuse($"multiplies {a} and {b}; matrices are wanted");
        if (b.Batched || (a.Placement.HasAxis && a.Placement.Axis != (_transposeA ? 1 : 0)))
            throw node.Refuse($"multiplies {a} and {b} along the examples, which would mix them");
        (_m, _k) = _transposeA ? (a.Shape[1], a.Shape[0]) : (a.Shape[0], a.Shape[1]);
        _n = b.Shape[_transposeB ? 0 : 1];
        long inner = b.Shape[_transposeB ? 1 : 0];
        if (_k != inner) throw node.Refuse($"multiplies {a} and {b}, whose inner sizes {_k} and {inner} differ");
        Placement placement = a.Placement.HasAxis ? a.Placement.Moved(0) : a.Placement;
        if (node.Has(2)) placement = WithBias(node, node.Floats(2), placement);
        node.Float([_m, _n], placement);
    }

    public override bool KeepsInput(int input, bool[] wants) => input < 2 && wants[1 - input];

    public override bool EmitsBlocks(int input) => input == 1;

    public override void Forward(ForwardContext context)
    {
        Tensor a = context.Input(0), b = context.Input(1), y = context.Output;
        if (!_transposeA && (a.Separate || !y.Separate))
        {
            Sgemm.Multiply(
                context.Workers, false, _transposeB, y.Parts * _m, _n, _k, a.Data, _k, b.Data, b.Shape[1], y.Data, _n, accumulate: false);
        }
        else
        {
            for (long i = 0; i < y.Parts; i++)
                Sgemm.Multiply(
                    context.Workers, _transposeA, _transposeB, _m, _n, _k, a.Data + (i * a.Stride), a.Shape[1], b.Data, b.Shape[1],
                    y.Data + (i * y.Length), _n, accumulate: false);
        }

        if (_alpha != 1) Vectors.Scale(context.Workers, _alpha, y.Data, y.Total);
        if (context.Has(2)) AddBias(context.Input(2), y);
    }

    public override void Backward(BackwardContext context)
    {
        if (context.Wants(2)) GiveBias(context, context.Input(2));
        if (_alpha != 1) Vectors.Scale(context.Workers, _alpha, context.Gradient, context.Batch * context.Output.Length);
        if (context.Wants(1) && !TryEmitB(context, context.Input(0))) GiveB(context, context.Input(0));
        if (context.Wants(0)) GiveA(context, context.Input(0), context.Input(1));
    }

    // C broadcasts to [M, N].
    private Placement WithBias(NodeBuilder node, Value c, Placement placement)
    {
        long rows = c.Rank == 2 ? c.Shape[0] : 1, columns = c.Rank > 0 ? c.Shape[^1] : 1;
        if (c.Rank > 2 || (rows != 1 && rows != _m) || (columns != 1 && columns != _n))
            throw node.Refuse($"adds {c}, which does not broadcast to [{_m}, {_n}] for an example");
        if (placement.HasAxis && (c.Placement.HasAxis ? c.Rank != 2 || c.Placement != placement : rows != 1))
            throw node.Refuse($"adds {c} so that examples would get different constants or meet");
        if (c.Placement.HasAxis && (c.Placement.Axis + 2 - c.Rank != 0 || (!placement.HasAxis && _m != 1)))
            throw node.Refuse($"adds {c} along the examples, which would mix them");
        return placement.HasAxis ? placement : c.Placement.HasAxis ? c.Placement : Placement.WithoutAxis(placement.Batched || c.Batched);
    }

    private void AddBias(Tensor c, Tensor y)
    {
        long rows = c.Value.Rank == 2 ? c.Shape[0] : 1, columns = c.Value.Rank > 0 ? c.Shape[^1] : 1;
        for (long i = 0; i < y.Parts * _m; i++)
        {
            float* row = y.Data + (i * _n), bias = c.Data + (i / _m * c.Stride) + (rows == 1 ? 0 : i % _m * columns);
            if (columns == _n && _beta == 1) Vectors.Add(bias, row, _n);
            else for (long j = 0; j < _n; j++) row[j] += _beta * bias[columns == 1 ? 0 : j];
        }
    }

    private void GiveBias(BackwardContext context, Tensor c)
    {
        NativeBuffer<float> gradient = context.RentFor(2);
        BroadcastSum.Run(context.Workers, context.Batch, context.Output.Shape, context.Gradient, c.Shape, gradient.Pointer);
        if (_beta != 1) Vectors.Scale(context.Workers, _beta, gradient.Pointer, context.Batch * c.Length);
        context.Give(2, gradient);
    }

    private bool TryEmitB(BackwardContext context, Tensor a)
    {
        if (!a.Separate || _transposeA || context.Use(1) is not { } use) return false;
        (long inputs, long outputs) = _transposeB ? (use.Strides[1], use.Strides[0]) : (use.Strides[0], use.Strides[1]);
        return MatrixBlocks.TryEmit(context, use.Offset, inputs, outputs, _m, _k, _n, a.Data, context.Gradient);
    }

    private void GiveB(BackwardContext context, Tensor a)
    {
        NativeBuffer<float> gradient = context.RentFor(1);
        float* delta = context.Gradient;
        for (long i = 0; i < context.Batch; i++)
        {
            float* left = a.Data + (i * a.Stride), right = delta + (i * _m * _n), result = gradient.Pointer + (i * _k * _n);
            if (_transposeB)
                Sgemm.Multiply(context.Workers, true, _transposeA, _n, _k, _m, right, _n, left, a.Shape[1], result, _k, accumulate: false);
            else
                Sgemm.Multiply(
                    context.Workers, !_transposeA, false, _k, _n, _m, left, a.Shape[1], right, _n, result, _n, accumulate: false);
        }

        context.Give(1, gradient);
    }

    private void GiveA(BackwardContext context, Tensor a, Tensor b)
    {
        NativeBuffer<float> gradient = context.RentFor(0);
        if (!_transposeA)
        {
            Sgemm.Multiply(
                context.Workers, false, !_transposeB, context.Batch * _m, _k, _n, context.Gradient, _n, b.Data, b.Shape[1],
                gradient.Pointer, _k, accumulate: false);
        }
        else
        {
            for (long i = 0; i < context.Batch; i++)
                Sgemm.Multiply(
                    context.Workers, _transposeB, true, _k, _m, _n, b.Data, b.Shape[1], context.Gradient + (i * _m * _n), _n,
                    gradient.Pointer + (i * _k * _m), _m, accumulate: false);
        }

        context.Give(0, gradient);
    }
}
