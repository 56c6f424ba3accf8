using TrakFast.Onnx.Programs;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Operators that move elements.</summary>
internal static class TorchLayout
{
    /// <summary>The same elements under another shape.</summary>
    public static Tensor View(TorchStep step)
    {
        Tensor x = step[0];
        return x.reshape([x.shape[0], .. step.Output.Shape]);
    }

    /// <summary>Elements looked up along each axis: slices, splits, pads, repetitions.</summary>
    public static Tensor Pick(TorchStep step)
    {
        PicksFacts operation = step.Facts<PicksFacts>();
        Tensor x = step[0];
        for (int axis = 0; axis < operation.Picks.Count; axis++)
        {
            if (operation.Picks[axis] is { } picks) x = Along(step, x, axis + 1, picks, operation.Filler);
        }

        return x.reshape([x.shape[0], .. step.Output.Shape]);
    }

    public static Tensor Transpose(TorchStep step) =>
        step[0].permute([0, .. step.Facts<TransposeFacts>().Permutation.Select(static p => p + 1L)]);

    public static Tensor Rearrange(TorchStep step)
    {
        RearrangementFacts operation = step.Facts<RearrangementFacts>();
        Tensor x = step[0];
        long[] shape = x.shape;
        return x.reshape([shape[0] * shape[1], .. operation.Split]).permute([0, .. operation.Permutation.Select(static p => p + 1L)])
            .reshape([shape[0], .. step.Output.Shape]);
    }

    public static Tensor Concat(TorchStep step)
    {
        Tensor[] all = [.. Enumerable.Range(0, step.InputCount).Select(i => step[i])];
        long axis = step.Node.Integer("axis", 0);
        bool apart = Array.Exists(all, static x => x.shape[0] != 1);
        return cat([.. all.Select(x => apart ? step.Each(x) : x)], axis < 0 ? axis : axis + 1);
    }

    public static Tensor Expand(TorchStep step)
    {
        Tensor x = step.Aligned(0);
        return x.expand([x.shape[0], .. step.Output.Shape]);
    }

    public static Tensor Trilu(TorchStep step)
    {
        long diagonal = step.Has(1) ? (long)step.Known(1)[0] : 0;
        return step.Node.Integer("upper", 1) != 0 ? step[0].triu(diagonal) : step[0].tril(diagonal);
    }

    private static Tensor Along(TorchStep step, Tensor x, int axis, IReadOnlyList<int> picks, float filler)
    {
        bool filled = picks.Contains(-1);
        if (!filled && picks.Count > 0 && Enumerable.Range(1, picks.Count - 1).All(i => picks[i] == picks[0] + i))
            return x.narrow(axis, picks[0], picks.Count);
        long[] shape = x.shape;
        if (filled && picks.All(static p => p < 0))
        {
            shape[axis] = picks.Count;
            return full(shape, filler, dtype: x.dtype, device: x.device);
        }

        Tensor picked = x.index_select(axis, step.Indices(picks.Select(static p => Math.Max(p, 0L))));
        if (!filled) return picked;
        Tensor outside = step.Indices(picks.Select(static p => (long)p)).lt(0)
            .reshape([picks.Count, .. Enumerable.Repeat(1L, shape.Length - 1 - axis)]);
        return picked.masked_fill(outside, filler);
    }
}
