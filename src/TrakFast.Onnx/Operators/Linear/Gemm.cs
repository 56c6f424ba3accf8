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

    public Gemm(GraphNode node)
        : base(node, inputs: 2, optionalInputs: 1)
    {
        _alpha = node.Number("alpha", 1);
        _beta = node.Number("beta", 1);
        _transposeA = node.Integer("transA", 0) != 0;
        _transposeB = node.Integer("transB", 0) != 0;
    }

    public override void Forward(ForwardContext context)
    {
        Tensor a = context.Input(0), b = context.Input(1);
        (long m, long n, long k) = Sizes(a, b);
        Tensor y = context.Allocate([m, n], a.Batched);
        Sgemm.Multiply(context.Workers, _transposeA, _transposeB, m, n, k, a.Data, a.Shape[1], b.Data, b.Shape[1], y.Data, n, accumulate: false);
        if (_alpha != 1) Vectors.Scale(context.Workers, _alpha, y.Data, y.Length);
        if (context.Has(2)) AddBias(context.Input(2), y);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor y = context.Output;
        long length = context.Batch * y.ExampleLength;
        if (context.Wants(2)) GiveBias(context, context.Input(2), y);
        if (_alpha != 1) Vectors.Scale(context.Workers, _alpha, context.Gradient, length);
        if (context.Wants(1)) GiveB(context, context.Input(0), context.Input(1));
        if (context.Wants(0)) GiveA(context, context.Input(0), context.Input(1));
    }

    private (long M, long N, long K) Sizes(Tensor a, Tensor b)
    {
        if (a.Rank != 2 || b.Rank != 2) throw Refuse($"multiplies {a} and {b}; matrices are wanted");
        if (b.Batched || (a.Batched && _transposeA)) throw Refuse($"multiplies {a} and {b} along the examples, which would mix them");
        long m = a.Shape[_transposeA ? 1 : 0], k = a.Shape[_transposeA ? 0 : 1];
        long n = b.Shape[_transposeB ? 0 : 1], inner = b.Shape[_transposeB ? 1 : 0];
        return k == inner ? (m, n, k) : throw Refuse($"multiplies {a} and {b}, whose inner sizes {k} and {inner} differ");
    }

    // C broadcasts to [M, N]; it is a row for every example, a number, or carries the examples itself.
    private void AddBias(Tensor c, Tensor y)
    {
        long m = y.Shape[0], n = y.Shape[1];
        long rows = c.Rank == 2 ? c.Shape[0] : 1, columns = c.Rank > 0 ? c.Shape[^1] : 1;
        if (c.Rank > 2 || (rows != 1 && rows != m) || (columns != 1 && columns != n))
            throw Refuse($"adds {c}, which does not broadcast to {y}");
        if (y.Batched != c.Batched && (c.Batched || rows != 1))
            throw Refuse($"adds {c} to {y} so that examples would get different constants or meet");
        if (c.Batched && c.Rank != 2) throw Refuse($"adds {c} along the examples, which would mix them");
        for (long i = 0; i < m; i++)
        {
            float* row = y.Data + (i * n), bias = c.Data + (rows == 1 ? 0 : i * columns);
            if (columns == n && _beta == 1) Vectors.Add(bias, row, n);
            else for (long j = 0; j < n; j++) row[j] += _beta * bias[columns == 1 ? 0 : j];
        }
    }

    private void GiveBias(BackwardContext context, Tensor c, Tensor y)
    {
        ReadOnlySpan<long> part = c.Batched || !y.Batched || c.Rank < 2 ? c.ExampleShape : c.Shape.AsSpan(1);
        NativeBuffer<float> gradient = context.RentFor(2);
        BroadcastSum.Run(context.Workers, context.Batch, y.ExampleShape, context.Gradient, part, gradient.Pointer);
        if (_beta != 1) Vectors.Scale(context.Workers, _beta, gradient.Pointer, context.Batch * c.ExampleLength);
        context.Give(2, gradient);
    }

    private void GiveB(BackwardContext context, Tensor a, Tensor b)
    {
        (long m, long n, long k) = Sizes(a, b);
        if (a.Batched && context.Use(1) is { } use)
        {
            MatrixBlocks.Emit(context, use, _transposeB, 1, (int)k, (int)n, a.Data, context.Gradient);
            return;
        }

        // An example's part of A is one row, or all of A where it carries no examples.
        NativeBuffer<float> gradient = context.RentFor(1);
        float* delta = context.Gradient;
        long rows = a.Batched ? 1 : m;
        for (long i = 0; i < context.Batch; i++)
        {
            float* left = a.Data + (i * a.Stride), right = delta + (i * rows * n), result = gradient.Pointer + (i * k * n);
            if (_transposeB) Sgemm.Multiply(context.Workers, true, _transposeA, n, k, rows, right, n, left, a.Shape[1], result, k, accumulate: false);
            else Sgemm.Multiply(context.Workers, !_transposeA, false, k, n, rows, left, a.Shape[1], right, n, result, n, accumulate: false);
        }

        context.Give(1, gradient);
    }

    private void GiveA(BackwardContext context, Tensor a, Tensor b)
    {
        (long m, long n, long k) = Sizes(a, b);
        NativeBuffer<float> gradient = context.RentFor(0);
        if (!_transposeA)
        {
            Sgemm.Multiply(context.Workers, false, !_transposeB, context.Batch * (a.Batched ? 1 : m), k, n, context.Gradient, n, b.Data, b.Shape[1], gradient.Pointer, k, accumulate: false);
        }
        else
        {
            for (long i = 0; i < context.Batch; i++)
                Sgemm.Multiply(context.Workers, _transposeB, true, k, m, n, b.Data, b.Shape[1], context.Gradient + (i * m * n), n, gradient.Pointer + (i * k * m), m, accumulate: false);
        }

        context.Give(0, gradient);
    }
}
