namespace TrakFast.Onnx;

/// <summary>Makes a checkpoint as people have it one that a graph can load: its names, what it holds beyond, what it leaves out.</summary>
internal static class CheckpointFit
{
    private const int MostNamed = 8;

    /// <summary>Fits a checkpoint.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="isPartial">Whether the network's stored weights stand in for what is not there.</param>
    /// <exception cref="CheckpointException">It holds an adapter's layers, and the network has none.</exception>
    public static Checkpoint Fit(OnnxGraph graph, Checkpoint checkpoint, bool isPartial)
    {
        Dictionary<string, IReadOnlyList<long>> wanted = graph.Initializers
            .Where(CheckpointMatch.IsWeight)
            .ToDictionary(static i => i.Name, static i => i.Values.Shape, StringComparer.Ordinal);
        foreach ((string generated, string name) in FoldedWeights.Names(graph)) wanted.TryAdd(name, [.. wanted[generated].Reverse()]);
        bool isAdapter = checkpoint.Tensors.Keys.Any(IsAdapterLayer);
        if (isAdapter && !wanted.Keys.Any(IsAdapterLayer))
            throw new CheckpointException(
                $"{checkpoint.Name} holds layers of a LoRA adapter, which the model {graph.Name} does not have; merge them into the weights "
                + "they belong to: --merge-adapter, or model.merge_and_unload() before saving.");
        Checkpoint named = CheckpointNames.Fit(checkpoint, wanted);
        CheckpointMatch match = new(graph, named);
        List<string> notes = [.. named.Notes];
        OrderedDictionary<string, DataArray> tensors = new(named.Tensors, StringComparer.Ordinal);
        string[] missing = [.. match.Missing()];

        // An adapter alone is a part by its nature: the weights it was trained on are the model's own.
        bool isAdapterAlone = isAdapter && missing.Length > 0 && missing.All(static name => !IsAdapterLayer(name));
        if (missing.Length > 0 && (isPartial || isAdapterAlone) && missing.Length < match.Places.Count && Fits(match, named))
        {
            Dictionary<string, DataArray> own =
                graph.Initializers.ToDictionary(static i => i.Name, static i => i.Values, StringComparer.Ordinal);
            foreach (string name in missing) tensors[name] = own[name];
            notes.Add($"the model's own values are kept for what it does not hold: {Several(missing)}");
            missing = [];
        }

        // Where something is missing, what is there beyond may be what it is called.
        if (missing.Length == 0 && match.Extra().ToArray() is { Length: > 0 } extra)
        {
            foreach (string name in extra) tensors.Remove(name);
            notes.Add($"{Several(extra)} {(extra.Length == 1 ? "is" : "are")} not in the model and passed over");
        }

        return new Checkpoint(checkpoint.Name, tensors) { Notes = notes };
    }

    private static bool Fits(CheckpointMatch match, Checkpoint checkpoint) => checkpoint.Tensors.Keys.Any(match.Known.Contains);

    private static bool IsAdapterLayer(string name) => name.Contains(".lora_", StringComparison.Ordinal);

    private static string Several(string[] names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Length > MostNamed ? $" and {names.Length - MostNamed} more" : string.Empty);
}
