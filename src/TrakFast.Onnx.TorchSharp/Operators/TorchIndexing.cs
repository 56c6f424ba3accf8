using TrakFast.Onnx.Programs;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Operators that pick or write elements by indices that are computed, or brought, by each example.</summary>
internal static class TorchIndexing
{
    /// <summary>Rows of one axis: an embedding of token ids, or a choice from what the example itself made.</summary>
    public static Tensor Rows(TorchStep step)
    {
        RowsFacts operation = step.Facts<RowsFacts>();
        ProgramValue of = step.Of(0), indices = step.Of(1);
        int axis = operation.Axis;
        long size = of.Shape[axis], outer = Shapes.Count(of.Shape.Take(axis)), inner = Shapes.Count(of.Shape.Skip(axis + 1));
        Tensor ids = step.Counted(step[1], operation.Lowest, size, (index, example) =>
            step.Node.Wrong(
                $"wants element {index} of axis {axis} of {of}{(indices.Separate ? $" in example {example} of the batch" : "")}"));
        long count = indices.Length;
        if (outer == 1 && step.DenseParameter(0) is { } table)
        {
            Tensor each = step.Each(ids).reshape(step.Batch, count);
            Tensor rows = step.Plain(0).reshape(size, inner).index_select(0, each.flatten()).reshape([step.Batch, .. step.Output.Shape]);
            return step.Capture(rows, point => new RowsGradient(table.Name, point, table.Offset, inner, each));
        }

        Tensor x = step[0];
        long parts = Math.Max(x.shape[0], ids.shape[0]);
        if (x.shape[0] == 1)
        {
            return x.reshape(outer, size, inner).index_select(1, ids.flatten())
                .reshape(outer, parts, count, inner).transpose(0, 1).reshape([parts, .. step.Output.Shape]);
        }

        Tensor places = ids.reshape(ids.shape[0], 1, count, 1).expand(parts, outer, count, inner);
        return x.reshape(parts, outer, size, inner).gather(2, places).reshape([parts, .. step.Output.Shape]);
    }

    public static Tensor GatherElements(TorchStep step)
    {
        (Tensor x, Tensor ids, int axis) = Elements(step);
        return x.gather(axis, ids);
    }

    public static Tensor ScatterElements(TorchStep step)
    {
        (Tensor x, Tensor ids, int axis) = Elements(step);
        Tensor updates = step[2];
        if (updates.shape[0] != x.shape[0]) (x, ids, updates) = (step.Each(x), step.Each(ids), step.Each(updates));
        return step.Facts<ElementsFacts>().Adds ? x.scatter_add(axis, ids, updates) : x.scatter(axis, ids, updates);
    }

    public static Tensor GatherSlices(TorchStep step)
    {
        (Tensor x, Tensor places) = Slices(step);
        return x.gather(1, places).reshape([x.shape[0], .. step.Output.Shape]);
    }

    public static Tensor ScatterSlices(TorchStep step)
    {
        (Tensor x, Tensor places) = Slices(step);
        Tensor updates = step[2];
        if (updates.shape[0] != x.shape[0]) (x, places, updates) = (step.Each(x), step.Each(places), step.Each(updates));
        updates = updates.reshape(places.shape);
        x = step.Facts<SlicesFacts>().Adds ? x.scatter_add(1, places, updates) : x.scatter(1, places, updates);
        return x.reshape([x.shape[0], .. step.Output.Shape]);
    }

    public static Tensor OneHot(TorchStep step)
    {
        long depth = (long)step.Known(1)[0];
        (float off, float on) = (step.Known(2)[0], step.Known(2)[1]);
        long given = step.Node.Integer("axis", -1), axis = (given < 0 ? given + step.Output.Rank : given) + 1;
        Tensor ids = step[0].trunc();
        ids = where(ids < 0, ids + depth, ids).unsqueeze(axis);
        Tensor positions = arange(depth, dtype: ScalarType.Float32, device: ids.device).reshape(
            [depth, .. Enumerable.Repeat(1L, (int)(step.Output.Rank - axis))]);
        Tensor hot = ids.eq(positions).to_type(step.TypeOf(step.Output));
        return (hot * (on - off)) + off;
    }

    private static (Tensor Data, Tensor Indices, int Axis) Elements(TorchStep step)
    {
        int axis = step.Facts<ElementsFacts>().Axis;
        IReadOnlyList<long> data = step.Of(0).Shape;
        Tensor x = step[0], ids = step.Counted(step[1], -data[axis], data[axis], (index, example) =>
            step.Node.Wrong($"wants element {index} of axis {axis} of {Shapes.Text(data)} in example {example} of the batch"));
        return x.shape[0] == ids.shape[0] ? (x, ids, axis + 1) : (step.Each(x), step.Each(ids), axis + 1);
    }

    // Data as rows of slices [P, rows, slice], and for each tuple its row, [P, tuples, slice].
    private static (Tensor Data, Tensor Places) Slices(TorchStep step)
    {
        SlicesFacts operation = step.Facts<SlicesFacts>();
        int depth = operation.Sizes.Count;
        long slice = Math.Max(operation.Slice, 1);
        Tensor x = step[0], tuples = step[1];
        tuples = tuples.reshape(tuples.shape[0], operation.Tuples, depth);
        Tensor rows = step.Indices(Enumerable.Range(0, (int)operation.Tuples)
            .Select(i => i / Math.Max(operation.TuplesOfOne, 1) * operation.ElementsOfOne / slice));
        for (int axis = 0; axis < depth; axis++)
        {
            (int named, long size) = (axis + operation.BatchAxes, operation.Sizes[axis]);
            Tensor ids = step.Counted(tuples.select(2, axis), operation.Lowest[axis], size, (index, example) =>
                step.Node.Wrong($"wants element {index} of axis {named}, which has {size}, in example {example} of the batch"));
            rows = rows + (ids * (operation.Strides[axis] / slice));
        }

        if (x.shape[0] != rows.shape[0]) (x, rows) = (step.Each(x), step.Each(rows));
        long parts = x.shape[0];
        return (x.reshape(parts, step.Of(0).Length / slice, slice), rows.unsqueeze(2).expand(parts, operation.Tuples, slice));
    }
}
