using TrakFast.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Matrix products. A weight gives a block of factors wherever its elements lie so that one can say it.</summary>
internal static class TorchLinear
{
    public static Tensor MatMul(TorchStep step)
    {
        MatMulShape shape = ((MatMul)step.Operator).Shape;
        if (shape.OneB && step.Parameter(1) is { View.Strides: { Length: > 1 } strides } weight
            && MatrixPlace.Of(weight.View, strides[^2], strides[^1], shape.K, shape.N) is { } place)
        {
            Tensor x = step.Each(step[0]);
            return step.Capture(Product(step, shape, x, step.Plain(1)), point => new MatrixGradient(weight.Name, point, place, x, shape.RowsOfA, 1, Turned: false));
        }

        // W·x: the weight before the examples.
        if (shape.Stacks == 1 && step.Parameter(0) is { View.Strides: { Length: > 1 } turned } first
            && MatrixPlace.Of(first.View, turned[^1], turned[^2], shape.K, shape.M) is { } before)
        {
            Tensor x = step.Each(step[1]);
            return step.Capture(Product(step, shape, step.Plain(0), x), point => new MatrixGradient(first.Name, point, before, x, shape.N, 1, Turned: true));
        }

        return Product(step, shape, step[0], step[1]);
    }

    public static Tensor Gemm(TorchStep step)
    {
        bool turnA = step.Node.Integer("transA", 0) != 0, turnB = step.Node.Integer("transB", 0) != 0;
        float alpha = step.Node.Number("alpha", 1);
        if (!turnA && step.Parameter(1) is { } weight)
        {
            (long inputs, long outputs) = turnB ? (step.Of(1).Shape[1], step.Of(1).Shape[0]) : (step.Of(1).Shape[0], step.Of(1).Shape[1]);
            long[] strides = weight.View.Strides;
            if (MatrixPlace.Of(weight.View, strides[turnB ? 1 : 0], strides[turnB ? 0 : 1], inputs, outputs) is { } place)
            {
                Tensor x = step.Each(step[0]);
                long rows = step.Of(0).Shape[0];
                return step.Capture(Gemm(step, x, step.Plain(1)), point => new MatrixGradient(weight.Name, point, place, x, rows, alpha, Turned: false));
            }
        }

        return Gemm(step, step[0], step[1]);

        Tensor Gemm(TorchStep step, Tensor a, Tensor b)
        {
            a = turnA ? a.transpose(1, 2) : a;
            b = turnB ? b.transpose(1, 2) : b;
            long[] left = a.shape;
            Tensor product = b.shape[0] == 1 ? a.reshape(left[0] * left[1], left[2]).mm(b[0]).reshape(left[0], left[1], b.shape[2])
                : (left[0] == 1 ? step.Each(a) : a).bmm(b);
            if (alpha != 1) product = product * alpha;
            if (!step.Has(2)) return product;
            float beta = step.Node.Number("beta", 1);
            return product + (beta == 1 ? step.Aligned(2) : step.Aligned(2) * beta);
        }
    }

    private static Tensor Product(TorchStep step, MatMulShape shape, Tensor a, Tensor b)
    {
        long parts = a.shape[0];
        if (b.shape[0] == 1 && shape.OneB)
            return a.reshape(parts * shape.RowsOfA, shape.K).mm(b.reshape(shape.K, shape.N)).reshape([parts, .. shape.Result]);

        // The compiler has seen that the stacks broadcast: torch.matmul would end the process otherwise.
        long[] left = step.Of(0).Shape, right = step.Of(1).Shape;
        int stack = Math.Max(left.Length, right.Length) - 2;
        Tensor product = Stacked(a, left, [1, .. left], stack).matmul(Stacked(b, right, [.. right, 1], stack));
        return product.reshape([product.shape[0], .. shape.Result]);
    }

    // [P, stack…, rows, columns], an operand of one axis as a row or a column.
    private static Tensor Stacked(Tensor x, long[] own, long[] ofVector, int stack)
    {
        long[] shape = own.Length == 1 ? ofVector : own;
        return x.reshape([x.shape[0], .. Enumerable.Repeat(1L, Math.Max(stack, 0) - (shape.Length - 2)), .. shape]);
    }
}
