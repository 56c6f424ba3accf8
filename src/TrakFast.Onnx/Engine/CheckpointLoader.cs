using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Copies a checkpoint over a model's weights, or says everything that stands in the way.</summary>
internal static class CheckpointLoader
{
    private const string BatchCounter = "num_batches_tracked";
    private const int MostNamed = 12;

    public static void Load(OnnxGraph graph, Weights weights, Checkpoint checkpoint)
    {
        Dictionary<string, int> places = [];
        for (int i = 0; i < graph.Initializers.Count; i++)
        {
            if (weights.IsWeight(i)) places.Add(graph.Initializers[i].Name, i);
        }

        HashSet<string> statistics = [.. graph.Nodes.Where(static n => n.OpType == "BatchNormalization").SelectMany(static n => n.Inputs.Skip(3))];
        IReadOnlyDictionary<string, string> transposed = Transposed(graph, places, checkpoint);
        IReadOnlyDictionary<string, string> tied = TiedInTheFile(graph, places, checkpoint);
        List<string> shapes = [];
        List<string> missing = [];
        List<string> values = [];
        foreach ((string name, int place) in places)
        {
            string source = transposed.GetValueOrDefault(name, tied.GetValueOrDefault(name, name));
            if (!checkpoint.Tensors.TryGetValue(source, out DataArray? array))
            {
                if (graph.IsParameter(name) || statistics.Contains(name)) missing.Add($"{name} {Shapes.Text(graph.Initializers[place].Values.Shape)}");
            }
            else if (!transposed.ContainsKey(name) && !array.Shape.SequenceEqual(graph.Initializers[place].Values.Shape))
            {
                shapes.Add($"{name} {Shapes.Text(array.Shape)}, the model wants {Shapes.Text(graph.Initializers[place].Values.Shape)}");
            }
            else if (!array.Type.IsFloat())
            {
                values.Add($"{source} of type {array.Type} where floating-point numbers are wanted");
            }
            else if (Unusable(array) is { } unusable)
            {
                values.Add($"{source}{unusable}");
            }
        }

        HashSet<string> known = [.. places.Keys, .. transposed.Values];
        string[] extra = [.. checkpoint.Tensors.Keys.Where(k => !known.Contains(k) && !Ignored(k) && !Tied(checkpoint, k, known)).Select(k => $"{k} {Shapes.Text(checkpoint.Tensors[k].Shape)}")];
        List<string> differences = [];
        if (shapes.Count > 0) differences.Add($"has {Several(shapes, "; ")}");
        if (values.Count > 0) differences.Add($"has {Several(values, "; ")}");
        if (missing.Count > 0) differences.Add($"lacks {Several(missing, ", ")}");
        if (extra.Length > 0) differences.Add($"holds {Several(extra, ", ")}, which the model {graph.Name} does not have");
        if (differences.Count > 0)
        {
            string? changed = missing.Count > 0 || extra.Length > 0 ? Changed(graph, places, checkpoint) : null;
            string hint = changed is null ? "" : $" Weights such as {changed} were changed when the model was exported; export it in evaluation mode without constant folding (do_constant_folding=False; for the newer exporter, optimize=False) to keep their names.";
            throw new TrakException($"{checkpoint.Name} {string.Join("; it ", differences)}.{hint}");
        }

        foreach ((string name, int place) in places)
        {
            if (transposed.TryGetValue(name, out string? source)) CopyTransposed(checkpoint.Tensors[source], weights.Span(place));
            else if (checkpoint.Tensors.TryGetValue(tied.GetValueOrDefault(name, name), out DataArray? array)) array.CopyTo(weights.Span(place));
        }

        weights.Changed();
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
        Dictionary<string, IReadOnlyList<long>> shapes = graph.Parameters.ToDictionary(static p => p.Name, static p => p.Shape, StringComparer.Ordinal);
        Dictionary<string, string> sources = FoldedWeights.Names(graph)
            .Where(n => !checkpoint.Tensors.ContainsKey(n.Key) && !places.ContainsKey(n.Value)
                && checkpoint.Tensors.TryGetValue(n.Value, out DataArray? array) && array.Shape.SequenceEqual(shapes[n.Key].Reverse()))
            .ToDictionary(StringComparer.Ordinal);
        foreach ((string name, int place) in places)
        {
            DataArray values = graph.Initializers[place].Values;
            if (sources.ContainsKey(name) || checkpoint.Tensors.ContainsKey(name) || !GeneratedNames.Contains(name) || values.Shape.Count != 2 || values.IsUniform()) continue;
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
                if (!a.Bytes.Slice(((r * columns) + c) * size, size).SequenceEqual(b.Bytes.Slice(((c * rows) + r) * size, size))) return false;
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
            if (checkpoint.Tensors.ContainsKey(name) || values.IsUniform()) continue;
            string? other = places.FirstOrDefault(o => checkpoint.Tensors.ContainsKey(o.Key) && Same(values, graph.Initializers[o.Value].Values)).Key;
            if (other is not null) tied.Add(name, other);
        }

        return tied;
    }

    private static bool Same(DataArray a, DataArray b) => a.Type == b.Type && a.Shape.SequenceEqual(b.Shape) && a.Bytes.SequenceEqual(b.Bytes);

    private static void CopyTransposed(DataArray array, Span<float> destination)
    {
        float[] values = array.ToFloats();
        int rows = (int)array.Shape[0], columns = (int)array.Shape[1];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++) destination[(c * rows) + r] = values[(r * columns) + c];
        }
    }

    private static bool Ignored(string name) => name == BatchCounter || name.EndsWith("." + BatchCounter, StringComparison.Ordinal);

    // A state dict lists a weight that several layers share once for each of them, a graph once. Arrays of one repeated
    // number are equal without being shared.
    private static bool Tied(Checkpoint checkpoint, string name, HashSet<string> known)
    {
        DataArray array = checkpoint.Tensors[name];
        return !array.IsUniform() && checkpoint.Tensors.Any(other => known.Contains(other.Key) && Same(other.Value, array));
    }

    // Also catches a float64 that float32 cannot hold.
    private static string? Unusable(DataArray array)
    {
        ReadOnlySpan<float> values = array.Type == ElementType.Float32 ? array.Values<float>() : array.ToFloats();
        long position = FloatCheck.FirstNotFinite(values);
        if (position < 0) return null;
        List<long> index = [];
        long rest = position;
        foreach (long size in array.Shape.Reverse())
        {
            index.Insert(0, rest % size);
            rest /= size;
        }

        return $"{Shapes.Text(index)} = {values[(int)position]}, which is not a finite float32 number";
    }

    private static string Several(IReadOnlyCollection<string> items, string separator) => items.Count <= MostNamed
        ? string.Join(separator, items)
        : $"{string.Join(separator, items.Take(MostNamed))} and {items.Count - MostNamed} more";
}
