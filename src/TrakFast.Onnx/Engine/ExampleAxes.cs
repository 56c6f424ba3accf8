namespace TrakFast.Onnx;

/// <summary>Which axis of a graph's inputs holds the examples, and how many the file says there are.</summary>
internal static class ExampleAxes
{
    private const long MostStated = 1 << 20;

    /// <summary>The number of examples that all inputs of the graph state, or null. It binds nobody.</summary>
    public static long? StatedBatch(OnnxGraph graph)
    {
        long?[] stated = [.. graph.Inputs.Select(i => i.Shape is { Count: > 0 } shape ? shape[Of(graph, i)] : null).Distinct()];
        return stated is [{ } one and > 0 and <= MostStated] ? one : null;
    }

    /// <summary>
    /// The axis of an input that holds the examples: the first, unless its size is stated and another one is named as a
    /// batch is, or as another input's first axis.
    /// </summary>
    public static int Of(OnnxGraph graph, GraphValue input)
    {
        if (input.Shape is not { Count: > 1 } shape || shape[0] is null || input.AxisNames is not { } names) return 0;
        for (int axis = 1; axis < shape.Count; axis++)
        {
            if (shape[axis] is null && names[axis] is { Length: > 0 } name
                && (NamesBatch(name) || graph.Inputs.Any(i => i.AxisNames is { Count: > 0 } other && other[0] == name)))
                return axis;
        }

        return 0;
    }

    /// <summary>Whether an input states this number of examples.</summary>
    public static bool States(GraphValue input, int axis, long examples) =>
        input.Shape is { } shape && axis < shape.Count && shape[axis] == examples;

    private static bool NamesBatch(string name) =>
        name.Contains("batch", StringComparison.OrdinalIgnoreCase) || name is "N" or "B" or "n" or "b";
}
