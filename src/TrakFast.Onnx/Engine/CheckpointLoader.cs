using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Copies a checkpoint over a model's weights, or says everything that stands in the way.</summary>
internal static class CheckpointLoader
{
    /// <summary>Copies the values over; nothing is changed where something stands in the way.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="weights">Its arrays in use.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <returns>Entries of the checkpoint that were passed over: what the export dropped, and masks and tables of another length.</returns>
    /// <exception cref="CheckpointException">Something does; the message says all of it.</exception>
    public static IReadOnlyList<string> Load(OnnxGraph graph, Weights weights, Checkpoint checkpoint)
    {
        CheckpointMatch match = new(graph, checkpoint);
        Dictionary<string, int> places = match.Places;
        HashSet<string> missing = new(match.Missing(), StringComparer.Ordinal);
        CheckpointDifferences differences = new(checkpoint.Name, graph.Name);
        HashSet<string> formulas = [.. graph.Untrained.Where(static u => FollowsFormula(u.Clue)).Select(static u => u.Name)];
        HashSet<string> passedOver = new(StringComparer.Ordinal);
        bool complete = true;
        foreach ((string name, int place) in places)
        {
            IReadOnlyList<long> shape = graph.Initializers[place].Values.Shape;
            string source = match.Source(name);
            if (checkpoint.Tensors.TryGetValue(source, out DataArray? array))
            {
                // The file's own will do: whoever computes a mask gets the same one.
                if (formulas.Contains(name) && !(array.Type.IsFloat() && array.Shape.SequenceEqual(shape))) passedOver.Add(name);
                else
                    differences.Takes(
                        source, array, match.Transposed.ContainsKey(name) ? [.. shape.Reverse()] : shape, finite: match.IsNeeded(name));
            }
            else if (missing.Contains(name))
            {
                differences.Missing(name, shape);
                complete = false;
            }
        }

        foreach (string name in match.Extra())
        {
            DataArray array = checkpoint.Tensors[name];
            if (complete && !IsMissed(graph, match, checkpoint, array)) passedOver.Add(name);
            else differences.Extra(name, array);
        }

        differences.ThrowIfAny(() => Changed(graph, places, checkpoint) is { } changed
            ? $"Weights such as {changed} were changed when the model was exported; export it in evaluation mode without constant folding "
                + "(do_constant_folding=False; for the newer exporter, optimize=False) to keep their names."
            : null);

        foreach ((string name, int place) in places)
        {
            if (match.Transposed.TryGetValue(name, out string? source)) CopyTransposed(checkpoint.Tensors[source], weights.Span(place));
            else if (!passedOver.Contains(name) && checkpoint.Tensors.TryGetValue(match.Source(name), out DataArray? array))
                array.CopyTo(weights.Span(place));
        }

        weights.Changed();
        return [.. passedOver];
    }

    // What the numbers in the file show to be no weight, and to be the same wherever it is computed.
    private static bool FollowsFormula(UntrainedClue clue) => clue is UntrainedClue.Mask or UntrainedClue.NotFinite or UntrainedClue.Table;

    // An entry that the graph does not have may be what the export dropped. It is missed where the graph has one weight for several
    // layers, of that shape, or a constant that the exporter may have made of it.
    private static bool IsMissed(OnnxGraph graph, CheckpointMatch match, Checkpoint checkpoint, DataArray array)
    {
        if (!array.Type.IsFloat()) return false;
        foreach ((string name, int place) in match.Places)
        {
            DataArray values = graph.Initializers[place].Values;
            if (values.Length != array.Length) continue;
            if (GeneratedNames.Contains(name) && match.Source(name) == name && !checkpoint.Tensors.ContainsKey(name)) return true;
            if (graph.IsParameter(name) && graph.Nodes.Sum(n => n.Inputs.Count(i => i == name)) > 1) return true;
        }

        return false;
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
