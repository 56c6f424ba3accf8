using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Matrix products as numpy.matmul: stacks of matrices broadcast, and an operand of one axis is a row or a column. An
/// example's part is a product of its own; a product along the examples is refused.
/// </summary>
internal sealed unsafe class MatMul(GraphNode node) : Operator(node, inputs: 2)
{
    public override void Forward(ForwardContext context)
    {
        Tensor a = context.Input(0), b = context.Input(1);
        MatMulShape shape = Shape(a, b);
        Tensor y = context.Allocate(shape.Result, a.Batched || b.Batched);
        if (shape.OneMatrix(a, b))
        {
            Sgemm.Multiply(context.Workers, false, false, y.Parts * shape.RowsOfA, shape.N, shape.K, a.Data, shape.K, b.Data, shape.N, y.Data, shape.N, accumulate: false);
            return;
        }

        float* from = a.Data, other = b.Data, to = y.Data;
        Each(context.Workers, shape, y.Parts, (part, placeA, placeB, placeY) => Sgemm.Multiply(
            Workers.Single, false, false, shape.M, shape.N, shape.K, from + (part * a.Stride) + placeA, shape.K, other + (part * b.Stride) + placeB, shape.N, to + placeY, shape.N, accumulate: false));
    }

    public override void Backward(BackwardContext context)
    {
        Tensor a = context.Input(0), b = context.Input(1);
        MatMulShape shape = Shape(a, b);
        if (context.Wants(1) && !TryEmitB(context, shape, a, b)) GiveB(context, shape, a, b);
        if (context.Wants(0) && !TryEmitA(context, shape, a, b)) GiveA(context, shape, a, b);
    }

    // x·W: the weight behind the examples.
    private static bool TryEmitB(BackwardContext context, MatMulShape shape, Tensor a, Tensor b)
    {
        if (!a.Batched || b.Batched || b.Rank > 2 || context.Use(1) is not { } use) return false;
        MatrixBlocks.Emit(context, use, stored: false, checked((int)shape.RowsOfA), (int)shape.K, (int)shape.N, a.Data, context.Gradient);
        return true;
    }

    // W·x: the weight before the examples. Positions are the columns of x, so both factors are turned over first.
    private static bool TryEmitA(BackwardContext context, MatMulShape shape, Tensor a, Tensor b)
    {
        if (a.Batched || !b.Batched || shape.Stacks != 1 || a.Rank > 2 || context.Use(0) is not { } use) return false;
        using PooledBuffer x = new(context, context.Rent(b.Length)), delta = new(context, context.Rent(context.Batch * shape.M * shape.N));
        Transpose.Permute(context.Workers, context.Batch, [shape.K, shape.N], [1, 0], b.Data, x.Pointer);
        Transpose.Permute(context.Workers, context.Batch, [shape.M, shape.N], [1, 0], context.Gradient, delta.Pointer);
        MatrixBlocks.Emit(context, use, stored: true, checked((int)shape.N), (int)shape.K, (int)shape.M, x.Pointer, delta.Pointer);
        return true;
    }

    private static void GiveA(BackwardContext context, MatMulShape shape, Tensor a, Tensor b)
    {
        float* delta = context.Gradient, other = b.Data;
        if (shape.OneMatrix(a, b))
        {
            NativeBuffer<float> rows = context.RentFor(0);
            Sgemm.Multiply(context.Workers, false, true, context.Batch * shape.RowsOfA, shape.K, shape.N, delta, shape.N, other, shape.N, rows.Pointer, shape.K, accumulate: false);
            context.Give(0, rows);
            return;
        }

        NativeBuffer<float> gradient = context.RentZero(0);
        float* to = gradient.Pointer;
        long length = a.ExampleLength;
        Each(context.Workers, shape, context.Batch, (part, placeA, placeB, placeY) => Sgemm.Multiply(
            Workers.Single, false, true, shape.M, shape.K, shape.N, delta + placeY, shape.N, other + (part * b.Stride) + placeB, shape.N, to + (part * length) + placeA, shape.K, accumulate: true));
        context.Give(0, gradient);
    }

    private static void GiveB(BackwardContext context, MatMulShape shape, Tensor a, Tensor b)
    {
        NativeBuffer<float> gradient = context.RentZero(1);
        float* delta = context.Gradient, other = a.Data, to = gradient.Pointer;
        long length = b.ExampleLength;
        Each(context.Workers, shape, context.Batch, (part, placeA, placeB, placeY) => Sgemm.Multiply(
            Workers.Single, true, false, shape.K, shape.N, shape.M, other + (part * a.Stride) + placeA, shape.K, delta + placeY, shape.N, to + (part * length) + placeB, shape.N, accumulate: true));
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

    private MatMulShape Shape(Tensor a, Tensor b)
    {
        bool mixes = (a.Batched, b.Batched) switch
        {
            (true, true) => a.Rank != b.Rank || a.Rank < 3,
            (true, false) => a.Rank < 2 || (b.Rank > 2 && (b.Rank > a.Rank || (b.Rank == a.Rank && b.Shape[0] != 1))) || (a.Rank == 2 && b.Rank > 2),
            (false, true) => b.Rank < 3 || a.Rank > b.Rank || (a.Rank == b.Rank && a.Shape[0] != 1),
            _ => false,
        };
        if (mixes) throw Refuse($"multiplies {a} and {b} so that examples would mix");
        return MatMulShape.Of(a, b) ?? throw Refuse($"multiplies {a} and {b}, which do not fit");
    }
}
