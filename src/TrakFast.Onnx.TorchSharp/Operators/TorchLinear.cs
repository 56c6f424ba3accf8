using TrakFast.Onnx.Programs;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Matrix products. A weight gives a block of factors wherever its elements lie so that one can say it.</summary>
internal static class TorchLinear
{
    public static Tensor MatMul(TorchStep step)
    {
        ProductFacts shape = step.Facts<ProductFacts>();
        if (shape.OneRight && step.Parameter(1) is { Strides: { Count: > 1 } strides } weight
            && MatrixPlace.Of(weight, strides[^2], strides[^1], shape.K, shape.N) is { } place)
        {
            Tensor x = step.Each(step[0]);
            return step.Capture(
                Product(step, shape, x, step.Plain(1)),
                point => new MatrixGradient(weight.Name, point, place, x, shape.Stacks * shape.M, 1, Turned: false));
        }

        // W·x: the weight before the examples.
        if (shape.Stacks == 1 && step.Parameter(0) is { Strides: { Count: > 1 } turned } first
            && MatrixPlace.Of(first, turned[^1], turned[^2], shape.K, shape.M) is { } before)
        {
            Tensor x = step.Each(step[1]);
            return step.Capture(
                Product(step, shape, step.Plain(0), x),
                point => new MatrixGradient(first.Name, point, before, x, shape.N, 1, Turned: true));
        }

        return Product(step, shape, step[0], step[1]);
    }

    public static Tensor Gemm(TorchStep step)
    {
        bool turnA = step.Node.Integer("transA", 0) != 0, turnB = step.Node.Integer("transB", 0) != 0;
        float alpha = step.Node.Number("alpha", 1), beta = step.Node.Number("beta", 1);
        long rows = step.Output.Shape[0], columns = step.Output.Shape[1];
        List<Func<Tensor, ParameterGradient>> uses = [];
        Tensor x = step[0], w = step.Plain(1);
        if (step.Parameter(1) is { } weight)
        {
            (long inputs, long outputs) = turnB
                ? (weight.Strides[1], weight.Strides[0])
                : (weight.Strides[0], weight.Strides[1]);
            if (!turnA && MatrixPlace.Of(weight, inputs, outputs, step.Of(0).Shape[1], columns) is { } place)
                uses.Add(point => new MatrixGradient(weight.Name, point, place, x, rows, alpha, Turned: false));
            else w = step[1];
        }

        // A bias that all rows read gets its gradient at the same point.
        bool vector = step.Has(2) && step.Of(2).Length == columns && (step.Of(2).Rank == 1 || step.Of(2).Shape[0] == 1);
        ParameterElements? shift = vector ? step.DenseParameter(2) : null;
        if (shift is not null)
            uses.Add(point => new SumGradient(shift.Name, point, shift.Offset, [step.Batch, rows, columns], [1]) { Alpha = beta });
        if (uses.Count > 0) x = step.Each(x);
        Tensor a = turnA ? x.transpose(1, 2) : x, b = turnB ? w.transpose(1, 2) : w;
        if (!step.Has(2)) return step.Capture(Scaled(Product(step, a, b), alpha), uses);
        Tensor c = shift is null ? step.Aligned(2) : step.Plain(2);
        return step.Capture(
            vector && b.shape[0] == 1 && c.shape[0] == 1
                ? c.reshape(columns).addmm(a.reshape(a.shape[0] * rows, b.shape[1]), b[0], beta, alpha).reshape(a.shape[0], rows, columns)
                : Scaled(Product(step, a, b), alpha) + Scaled(TorchStep.Align(c, 2), beta),
            uses);
    }

    private static Tensor Scaled(Tensor x, float factor) => factor == 1 ? x : x * factor;

    // [P, M, K] · [P, K, N].
    private static Tensor Product(TorchStep step, Tensor a, Tensor b) => b.shape[0] == 1
        ? a.reshape(a.shape[0] * a.shape[1], b.shape[1]).mm(b[0]).reshape(a.shape[0], a.shape[1], b.shape[2])
        : step.Each(a).bmm(b);

    private static Tensor Product(TorchStep step, ProductFacts shape, Tensor a, Tensor b)
    {
        long parts = a.shape[0];
        if (b.shape[0] == 1 && shape.OneRight)
            return a.reshape(parts * shape.Stacks * shape.M, shape.K).mm(b.reshape(shape.K, shape.N)).reshape([parts, .. shape.Result]);

        // The compiler has seen that the stacks broadcast: torch.matmul would end the process otherwise.
        IReadOnlyList<long> left = step.Of(0).Shape, right = step.Of(1).Shape;
        int stack = Math.Max(left.Count, right.Count) - 2;
        Tensor product = Stacked(a, left, [1, .. left], stack).matmul(Stacked(b, right, [.. right, 1], stack));
        return product.reshape([product.shape[0], .. shape.Result]);
    }

    // [P, stack…, rows, columns], an operand of one axis as a row or a column.
    private static Tensor Stacked(Tensor x, IReadOnlyList<long> own, IReadOnlyList<long> ofVector, int stack)
    {
        IReadOnlyList<long> shape = own.Count == 1 ? ofVector : own;
        return x.reshape([x.shape[0], .. Enumerable.Repeat(1L, Math.Max(stack, 0) - (shape.Count - 2)), .. shape]);
    }
}
