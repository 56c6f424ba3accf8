namespace TrakFast.TorchSharp;

/// <summary>
/// Which axes of what layers see hold the examples, found by comparing the sizes for two numbers of examples. Modules may want
/// their examples on any axis, and code between them may move them or merge them with others.
/// </summary>
internal sealed class ExampleAxes
{
    private readonly Dictionary<Layer, List<CallAxes>> _calls = [];

    /// <summary>Axes of the model's outputs; null before they are known.</summary>
    public IReadOnlyList<int?>? Outputs { get; private set; }

    /// <summary>Learns from a pass and the sizes in another.</summary>
    public void Learn(ModuleRun run, Dictionary<Layer, List<CallShape>> shapes, IReadOnlyList<long[]> outputs, int otherBatch)
    {
        Outputs = [.. run.Starts.Select((start, i) => i < outputs.Count ? Operand.FindAxis(start.Shape, run.Batch, outputs[i], otherBatch) : null)];
        foreach (IGrouping<Layer, LayerCall> calls in run.Calls.GroupBy(static c => c.Layer))
        {
            List<CallShape> others = shapes.GetValueOrDefault(calls.Key, []);
            _calls[calls.Key] = [.. calls.Select(call => call.Number < others.Count ? Compare(call, run.Batch, others[call.Number], otherBatch) : Unknown(call))];
        }
    }

    /// <summary>A call with its axes; null where they were never learned, or are not these any more.</summary>
    public (Operand[] Inputs, Operand[] Outputs)? Of(LayerCall call, int batch)
    {
        if (!_calls.TryGetValue(call.Layer, out List<CallAxes>? all)) return null;

        // A layer is called more often for longer sequences.
        CallAxes axes = all[Math.Min(call.Number, all.Count - 1)];
        if (axes.Inputs.Count != call.Inputs.Count || axes.Outputs.Count != call.Outputs.Count) return null;
        Operand[] inputs = [.. call.Inputs.Select((t, i) => new Operand(t, axes.Inputs[i], batch))], outputs = [.. call.Outputs.Select((t, i) => new Operand(t, axes.Outputs[i], batch))];
        return inputs.Concat(outputs).All(static o => o.Axis is null or < 0 || (o.Axis < o.Tensor.shape.Length && o.Splits)) ? (inputs, outputs) : null;
    }

    private static CallAxes Compare(LayerCall call, int batch, CallShape other, int otherBatch) => new(
        [.. call.Inputs.Select((t, i) => i < other.Inputs.Count ? Operand.FindAxis(t.shape, batch, other.Inputs[i], otherBatch) : null)],
        [.. call.Outputs.Select((t, i) => i < other.Outputs.Count ? Operand.FindAxis(t.shape, batch, other.Outputs[i], otherBatch) : null)]);

    private static CallAxes Unknown(LayerCall call) => new(new int?[call.Inputs.Count], new int?[call.Outputs.Count]);
}
