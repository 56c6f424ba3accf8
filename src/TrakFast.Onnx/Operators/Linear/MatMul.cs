using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Matrix products as numpy.matmul: stacks of matrices broadcast, and an operand of one axis is a row or a column. An
/// example's part is a product of its own; a product along the examples is refused.
/// </summary>
internal sealed unsafe class MatMul : Operator
{
    private readonly MatMulShape _shape;

    public MatMul(NodeBuilder node)
        : base(node, inputs: 2)
    {
        Value a = node.Floats(0), b = node.Floats(1);
        (_shape, Placement placement) = MatMulShape.Of(node, a, b);
        node.Float(_shape.Result, placement);
    }

    public override bool KeepsInput(int input, bool[] wants) => wants[1 - input];

    public override bool EmitsBlocks(int input) => true;

    public override void Forward(ForwardContext context)
    {
        Tensor a = context.Input(0), b = context.Input(1), y = context.Output;
        MatMulShape shape = _shape;
        if (OneMatrix(b))
        {
            Sgemm.Multiply(context.Workers, false, false, y.Parts * shape.RowsOfA, shape.N, shape.K, a.Data, shape.K, b.Data, shape.N, y.Data, shape.N, accumulate: false);
            return;
        }

        float* from = a.Data, other = b.Data, to = y.Data;
        long strideA = a.Stride, strideB = b.Stride;
        Each(context.Workers, shape, y.Parts, (part, placeA, placeB, placeY) => Sgemm.Multiply(
            Workers.Single, false, false, shape.M, shape.N, shape.K, from + (part * strideA) + placeA, shape.K, other + (part * strideB) + placeB, shape.N, to + placeY, shape.N, accumulate: false));
    }

    public override void Backward(BackwardContext context)
    {
        Tensor a = context.Input(0), b = context.Input(1);
        if (context.Wants(1) && !TryEmitB(context, a)) GiveB(context, a, b);
        if (context.Wants(0) && !TryEmitA(context, b)) GiveA(context, a, b);
    }

    // x·W: the weight behind the examples. An x that all examples share is no factor of [B, T, I].
    private bool TryEmitB(BackwardContext context, Tensor a)
    {
        if (!a.Separate || !_shape.OneB || context.Use(1) is not { } use || use.Strides.Length < 2) return false;
        return MatrixBlocks.TryEmit(context, use.Offset, use.Strides[^2], use.Strides[^1], _shape.RowsOfA, _shape.K, _shape.N, a.Data, context.Gradient);
    }

    // W·x: the weight before the examples. Positions are the columns of x, so both factors are turned over first.
    private bool TryEmitA(BackwardContext context, Tensor b)
    {
        if (!b.Separate || _shape.Stacks != 1 || context.Use(0) is not { } use || use.Strides.Length < 2) return false;
        if (use.Strides[^1] != 1 && use.Strides[^2] != 1) return false;
        NativeBuffer<float> x = context.Rent(b.Total), delta = context.Rent(context.Batch * _shape.M * _shape.N);
        Transpose.Permute(context.Workers, context.Batch, [_shape.K, _shape.N], [1, 0], b.Data, x.Pointer);
        Transpose.Permute(context.Workers, context.Batch, [_shape.M, _shape.N], [1, 0], context.Gradient, delta.Pointer);
        bool emitted = MatrixBlocks.TryEmit(context, use.Offset, use.Strides[^1], use.Strides[^2], _shape.N, _shape.K, _shape.M, x.Pointer, delta.Pointer);
        context.Return(x);
        context.Return(delta);
        return emitted;
    }

    private void GiveA(BackwardContext context, Tensor a, Tensor b)
    {
        MatMulShape shape = _shape;
        float* delta = context.Gradient, other = b.Data;
        if (OneMatrix(b))
        {
            NativeBuffer<float> rows = context.RentFor(0);
            Sgemm.Multiply(context.Workers, false, true, context.Batch * shape.RowsOfA, shape.K, shape.N, delta, shape.N, other, shape.N, rows.Pointer, shape.K, accumulate: false);
            context.Give(0, rows);
            return;
        }

        NativeBuffer<float> gradient = context.RentZero(0);
        float* to = gradient.Pointer;
        long length = a.Length, stride = b.Stride;
        Each(context.Workers, shape, context.Batch, (part, placeA, placeB, placeY) => Sgemm.Multiply(
            Workers.Single, false, true, shape.M, shape.K, shape.N, delta + placeY, shape.N, other + (part * stride) + placeB, shape.N, to + (part * length) + placeA, shape.K, accumulate: true));
        context.Give(0, gradient);
    }

    private void GiveB(BackwardContext context, Tensor a, Tensor b)
    {
        MatMulShape shape = _shape;
        NativeBuffer<float> gradient = context.RentZero(1);
        float* delta = context.Gradient, other = a.Data, to = gradient.Pointer;
        long length = b.Length, stride = a.Stride;
        Each(context.Workers, shape, context.Batch, (part, placeA, placeB, placeY) => Sgemm.Multiply(
            Workers.Single, true, false, shape.K, shape.N, shape.M, other + (part * stride) + placeA, shape.K, delta + placeY, shape.N, to + (part * length) + placeB, shape.N, accumulate: true));
        context.Give(1, gradient);
    }

    // Runs the products of every example: examples side by side, an example's stack in order, since gradients of a
    // repeated operand add up.
    private static void Each(Workers workers, MatMulShape shape, long parts, Action<long, long, long, long> product)
    {
        long work = shape.Stacks * shape.M * shape.N * shape.K;
        workers.Run(parts, Math.Max(Vectors.Grain / Math.Max(work, 1), 1), (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                for (long stack = 0; stack < shape.Stacks; stack++)
                    product(part, shape.PlaceA(stack), shape.PlaceB(stack), ((part * shape.Stacks) + stack) * shape.M * shape.N);
            }
        });
    }

    // Whether B is one matrix for all rows of A, so that the whole batch is one product.
    private bool OneMatrix(Tensor b) => !b.Separate && _shape.OneB;
}
