namespace TrakFast.TorchSharp;

/// <summary>
/// Which axes of what layers see hold the examples, for one shape of the model's inputs, found by comparing the sizes for two
/// numbers of examples. Modules may want their examples on any axis, and code between them may move them or merge them with others.
/// </summary>
internal sealed class ExampleAxes
{
    private readonly Dictionary<Layer, List<(Place[] Inputs, Place[] Outputs)>> _calls = [];

    /// <summary>Learns from a pass and the sizes in another.</summary>
    /// <param name="run">The pass.</param>
    /// <param name="shapes">Sizes that the layers saw in the other.</param>
    /// <param name="outputs">Sizes of the model's outputs there.</param>
    /// <param name="otherBatch">The other's number of examples.</param>
    public ExampleAxes(ModuleRun run, Dictionary<Layer, List<CallShape>> shapes, IReadOnlyList<long[]> outputs, int otherBatch)
    {
        Outputs = [.. run.Starts.Select(
            (start, i) => i < outputs.Count ? Operand.FindAxis(start.Shape, run.Batch, outputs[i], otherBatch) : null)];
        foreach (IGrouping<Layer, LayerCall> calls in run.Calls.GroupBy(static c => c.Layer))
        {
            List<CallShape> others = shapes.GetValueOrDefault(calls.Key, []);
            _calls.Add(calls.Key, [.. calls.Select(call =>
            {
                CallShape? other = call.Number < others.Count ? others[call.Number] : null;
                return (
                    Compare([.. call.Inputs.Select(static t => t.shape)], other?.Inputs),
                    Compare([.. call.Outputs.Select(static t => t.shape)], other?.Outputs));
            })]);
        }

        Place[] Compare(long[][] here, IReadOnlyList<long[]>? there) =>
            [.. here.Select((shape, i) => new Place(
                there is not null && i < there.Count ? Operand.FindAxis(shape, run.Batch, there[i], otherBatch) : null, shape, run.Batch))];
    }

    /// <summary>Axes of the model's outputs.</summary>
    public IReadOnlyList<int?> Outputs { get; }

    /// <summary>A call with its axes; null where its sizes depend on more than the number of examples.</summary>
    public (Operand[] Inputs, Operand[] Outputs)? Of(LayerCall call, int batch)
    {
        if (!_calls.TryGetValue(call.Layer, out List<(Place[] Inputs, Place[] Outputs)>? all) || call.Number >= all.Count) return null;
        (Place[] inputs, Place[] outputs) = all[call.Number];
        bool same = inputs.Length == call.Inputs.Count && outputs.Length == call.Outputs.Count
            && inputs.Zip(call.Inputs).Concat(outputs.Zip(call.Outputs)).All(p => p.First.Fits(p.Second.shape, batch));
        return same
            ? (
                [.. inputs.Zip(call.Inputs, (p, t) => new Operand(t, p.Axis, batch))],
                [.. outputs.Zip(call.Outputs, (p, t) => new Operand(t, p.Axis, batch))])
            : null;
    }

    /// <summary>What a tensor's sizes were, and which of them grows with the number of examples.</summary>
    private readonly record struct Place(int? Axis, long[] Shape, int Batch)
    {
        public bool Fits(long[] shape, int batch)
        {
            if (Axis is not { } axis) return true;
            if (shape.Length != Shape.Length) return false;
            for (int i = 0; i < shape.Length; i++)
            {
                if (shape[i] != (i == axis ? Shape[i] / Batch * batch : Shape[i])) return false;
            }

            return true;
        }
    }
}
