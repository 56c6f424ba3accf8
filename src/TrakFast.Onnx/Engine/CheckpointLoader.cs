namespace TrakFast.Onnx;

/// <summary>Copies a checkpoint over a model's weights, or says everything that stands in the way.</summary>
internal static class CheckpointLoader
{
    public static void Load(OnnxGraph graph, Weights weights, Checkpoint checkpoint)
    {
        CheckpointMatch match = new(graph, checkpoint);
        CheckpointDifferences differences = new(checkpoint.Name, graph.Name);
        HashSet<string> missing = new(match.Missing(), StringComparer.Ordinal);
        foreach ((string name, int place) in match.Places)
        {
            IReadOnlyList<long> shape = graph.Initializers[place].Values.Shape;
            string source = match.Source(name);
            if (checkpoint.Tensors.TryGetValue(source, out DataArray? array))
                differences.Takes(source, array, match.Transposed.ContainsKey(name) ? [.. shape.Reverse()] : shape);
            else if (missing.Contains(name)) differences.Missing(name, shape);
        }

        foreach (string name in match.Extra()) differences.Extra(name, checkpoint.Tensors[name]);
        differences.ThrowIfAny(() => Changed(graph, match.Places, checkpoint) is { } changed
            ? $"Weights such as {changed} were changed when the model was exported; export it in evaluation mode without constant folding "
                + "(do_constant_folding=False; for the newer exporter, optimize=False) to keep their names."
            : null);

        foreach ((string name, int place) in match.Places)
        {
            if (match.Transposed.TryGetValue(name, out string? source)) CopyTransposed(checkpoint.Tensors[source], weights.Span(place));
            else if (checkpoint.Tensors.TryGetValue(match.Source(name), out DataArray? array)) array.CopyTo(weights.Span(place));
        }

        weights.Changed();
    }

    // What the checkpoint lacks under the exporter's name it may hold under the model's. An array that no layer reads may
    // have been made of a weight as well.
    private static string? Changed(OnnxGraph graph, Dictionary<string, int> places, Checkpoint checkpoint) => places.Keys
        .Where(p => GeneratedNames.Contains(p) && !checkpoint.Tensors.ContainsKey(p))
        .OrderBy(p => graph.IsParameter(p) ? 0 : 1)
        .FirstOrDefault();

    private static void CopyTransposed(DataArray array, Span<float> destination) => Turned(array).CopyTo(destination);

    /// <summary>A matrix's transpose, [columns, rows].</summary>
    public static float[] Turned(DataArray array)
    {
        float[] values = array.ToFloats(), turned = new float[values.Length];
        int rows = (int)array.Shape[0], columns = (int)array.Shape[1];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++) turned[(c * rows) + r] = values[(r * columns) + c];
        }

        return turned;
    }
}
