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
        Dictionary<string, int> places = [];
        for (int i = 0; i < graph.Initializers.Count; i++)
        {
            if (weights.IsWeight(i)) places.Add(graph.Initializers[i].Name, i);
        }

        HashSet<string> statistics =
            [.. graph.Nodes.Where(static n => n.OpType == "BatchNormalization").SelectMany(static n => n.Inputs.Skip(3))];
        IReadOnlyDictionary<string, string> transposed = Transposed(graph, places, checkpoint);
        IReadOnlyDictionary<string, string> tied = TiedInTheFile(graph, places, checkpoint);
        CheckpointDifferences differences = new(checkpoint.Name, graph.Name);
        HashSet<string> formulas = [.. graph.Untrained.Where(static u => FollowsFormula(u.Clue)).Select(static u => u.Name)];
        HashSet<string> passedOver = new(StringComparer.Ordinal);
        bool complete = true;
        foreach ((string name, int place) in places)
        {
            IReadOnlyList<long> shape = graph.Initializers[place].Values.Shape;
            string source = transposed.GetValueOrDefault(name, tied.GetValueOrDefault(name, name));
            if (checkpoint.Tensors.TryGetValue(source, out DataArray? array))
            {
                // The file's own will do: whoever computes a mask gets the same one.
                if (formulas.Contains(name) && !(array.Type.IsFloat() && array.Shape.SequenceEqual(shape))) passedOver.Add(name);
                else
                    differences.Takes(
                        source, array, transposed.ContainsKey(name) ? [.. shape.Reverse()] : shape,
                        finite: graph.IsParameter(name) || statistics.Contains(name));
            }
            else if (graph.IsParameter(name) || statistics.Contains(name))
            {
                differences.Missing(name, shape);
                complete = false;
            }
        }

        HashSet<string> known = [.. places.Keys, .. transposed.Values];
        foreach ((string name, DataArray array) in checkpoint.Tensors)
        {
            if (known.Contains(name) || CheckpointDifferences.IsCounter(name) || CheckpointDifferences.IsTied(checkpoint, array, known))
                continue;
            if (complete && !IsMissed(graph, places, transposed, tied, checkpoint, array)) passedOver.Add(name);
            else differences.Extra(name, array);
        }

        differences.ThrowIfAny(() => Changed(graph, places, checkpoint) is { } changed
            ? $"Weights such as {changed} were changed when the model was exported; export it in evaluation mode without constant folding "
                + "(do_constant_folding=False; for the newer exporter, optimize=False) to keep their names."
            : null);

        foreach ((string name, int place) in places)
        {
            if (transposed.TryGetValue(name, out string? source)) CopyTransposed(checkpoint.Tensors[source], weights.Span(place));
            else if (!passedOver.Contains(name) && checkpoint.Tensors.TryGetValue(tied.GetValueOrDefault(name, name), out DataArray? array))
                array.CopyTo(weights.Span(place));
        }

        weights.Changed();
        return [.. passedOver];
    }

    // What the numbers in the file show to be no weight, and to be the same wherever it is computed.
    private static bool FollowsFormula(UntrainedClue clue) => clue is UntrainedClue.Mask or UntrainedClue.NotFinite or UntrainedClue.Table;

    // An entry that the graph does not have may be what the export dropped. It is missed where the graph has one weight for several
    // layers, of that shape, or a constant that the exporter may have made of it.
    private static bool IsMissed(
        OnnxGraph graph, Dictionary<string, int> places, IReadOnlyDictionary<string, string> transposed,
        IReadOnlyDictionary<string, string> tied, Checkpoint checkpoint, DataArray array)
    {
        if (!array.Type.IsFloat()) return false;
        foreach ((string name, int place) in places)
        {
            DataArray values = graph.Initializers[place].Values;
            if (values.Length != array.Length) continue;
            if (GeneratedNames.Contains(name) && !transposed.ContainsKey(name) && !tied.ContainsKey(name)
                && !checkpoint.Tensors.ContainsKey(name))
                return true;
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

    // Weights that the exporter stored transposed and renamed, where the checkpoint holds them as the model had them: by the
    // name of their layer, or because the file holds the same weight under its own name too, as a tied embedding.
    private static Dictionary<string, string> Transposed(OnnxGraph graph, Dictionary<string, int> places, Checkpoint checkpoint)
    {
        Dictionary<string, string> sources = FoldedWeights.Names(graph)
            .Where(n => !checkpoint.Tensors.ContainsKey(n.Key) && !places.ContainsKey(n.Value)
                && checkpoint.Tensors.TryGetValue(n.Value, out DataArray? array)
                && array.Shape.SequenceEqual(graph.Initializers[places[n.Key]].Values.Shape.Reverse()))
            .ToDictionary(StringComparer.Ordinal);
        foreach ((string name, int place) in places)
        {
            DataArray values = graph.Initializers[place].Values;
            if (sources.ContainsKey(name) || checkpoint.Tensors.ContainsKey(name) || !GeneratedNames.Contains(name)
                || values.Shape.Count != 2 || CheckpointDifferences.IsUniform(values))
                continue;
            string? other = places.FirstOrDefault(o => checkpoint.Tensors.TryGetValue(o.Key, out DataArray? array)
                && array.Shape.SequenceEqual(values.Shape.Reverse()) && IsTranspose(values, graph.Initializers[o.Value].Values)).Key;
            if (other is not null) sources.Add(name, other);
        }

        return sources;
    }

    private static bool IsTranspose(DataArray a, DataArray b)
    {
        if (a.Type != b.Type || !a.Shape.SequenceEqual(b.Shape.Reverse())) return false;
        int size = a.Type.Size(), rows = (int)a.Shape[0], columns = (int)a.Shape[1];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                if (!a.Bytes.Slice(((r * columns) + c) * size, size).SequenceEqual(b.Bytes.Slice(((c * rows) + r) * size, size)))
                    return false;
            }
        }

        return true;
    }

    // Weights that the checkpoint lacks, but that are in the file what another weight is that it has: layers share them, and a
    // checkpoint keeps them once. Arrays of one repeated number are equal without being shared.
    private static Dictionary<string, string> TiedInTheFile(OnnxGraph graph, Dictionary<string, int> places, Checkpoint checkpoint)
    {
        Dictionary<string, string> tied = new(StringComparer.Ordinal);
        foreach ((string name, int place) in places)
        {
            DataArray values = graph.Initializers[place].Values;
            if (checkpoint.Tensors.ContainsKey(name) || CheckpointDifferences.IsUniform(values)) continue;
            string? other = places.FirstOrDefault(
                o => checkpoint.Tensors.ContainsKey(o.Key) && CheckpointDifferences.Same(values, graph.Initializers[o.Value].Values)).Key;
            if (other is not null) tied.Add(name, other);
        }

        return tied;
    }

    private static void CopyTransposed(DataArray array, Span<float> destination)
    {
        float[] values = array.ToFloats();
        int rows = (int)array.Shape[0], columns = (int)array.Shape[1];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++) destination[(c * rows) + r] = values[(r * columns) + c];
        }
    }
}
