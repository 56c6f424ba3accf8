using TrakFast.Onnx.Programs;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Reductions over some of an example's axes.</summary>
internal static class TorchReductions
{
    public static TorchOperator Of(string type) => type switch
    {
        "ReduceSum" => static s => Reduce(s, static rows => rows.sum(2L)),
        "ReduceMean" => static s => Reduce(s, static rows => rows.mean([2])),
        "ReduceMax" => static s => Reduce(s, static rows => rows.amax([2L])),
        "ReduceMin" => static s => Reduce(s, static rows => rows.amin([2L])),
        "ReduceProd" => static s => Reduce(s, static rows => rows.prod(2)),
        "ReduceL1" => static s => Reduce(s, static rows => rows.abs().sum(2L)),
        "ReduceL2" => static s => Reduce(s, static rows => rows.norm(2, p: 2)),
        "ReduceSumSquare" => static s => Reduce(s, static rows => rows.square().sum(2L)),
        "ReduceLogSum" => static s => Reduce(s, static rows => rows.sum(2L).log()),
        "ReduceLogSumExp" => static s => Reduce(s, static rows => rows.logsumexp(2)),
        _ => throw new TrakException($"The engine torch does not know the reduction {type}."),
    };

    // [P, kept, reduced] → [P, kept].
    private static Tensor Reduce(TorchStep step, Func<Tensor, Tensor> function)
    {
        IReadOnlyList<bool> reduces = step.Facts<ReductionFacts>().Reduced;
        Tensor x = step[0];
        IReadOnlyList<long> shape = step.Of(0).Shape;
        long kept = Shapes.Count(shape.Where((_, axis) => !reduces[axis]));
        long reduced = Shapes.Count(shape.Where((_, axis) => reduces[axis]));
        int[] order = [.. Enumerable.Range(0, shape.Count).OrderBy(axis => reduces[axis] ? 1 : 0)];
        Tensor rows = x.permute([0, .. order.Select(static axis => axis + 1L)]).reshape(x.shape[0], kept, reduced);
        return function(rows).reshape([x.shape[0], .. step.Output.Shape]);
    }
}
