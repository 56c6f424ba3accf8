using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Parameters are what was trained. An ONNX file tells that in part (<see cref="OnnxGraph.Parameters"/>); a list of the model's
/// parameters tells all of it (<see cref="Named"/>), and several checkpoints of one training nearly all (<see cref="TrainedSearch"/>).
/// </summary>
public static class TrainedParameters
{
    /// <summary>The same graph with exactly the parameters of a list, as PyTorch's <c>named_parameters()</c> gives it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="names">
    /// Names. Where the graph knows them behind one prefix only, or without one that they all have, that is seen to. An array that the
    /// exporter renamed counts by its layer's name; one that it made of several weights counts where the graph lacks some of the names.
    /// </param>
    /// <param name="list">What errors call the list: a file name.</param>
    /// <exception cref="TrakException">The list is empty, or the graph has none of its arrays.</exception>
    public static NamedParameters Named(OnnxGraph graph, IReadOnlyList<string> names, string list)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0) throw new TrakException($"{list} names no parameter; {ParameterNames.Recipe}.");
        IReadOnlySet<string> reached = TrainablePaths.Find(graph);
        IReadOnlyDictionary<string, string> folded = FoldedWeights.Names(graph);
        Dictionary<string, string> arrays = new(StringComparer.Ordinal);
        foreach (Initializer array in graph.Initializers)
        {
            if (array.Values.Type.IsFloat() && reached.Contains(array.Name))
                arrays.TryAdd(folded.GetValueOrDefault(array.Name, array.Name), array.Name);
        }

        string[] wanted = [.. names.Distinct(StringComparer.Ordinal)];
        (string remove, string add) = Prefix(wanted, arrays.Keys);
        HashSet<string> trained = new(StringComparer.Ordinal);
        List<string> missing = [];
        foreach (string name in wanted)
        {
            string known = name.StartsWith(remove, StringComparison.Ordinal) ? add + name[remove.Length..] : name;
            if (arrays.TryGetValue(known, out string? array)) trained.Add(array);
            else missing.Add(name);
        }

        string[] merged = missing.Count == 0 ? [] : [.. graph.Parameters
            .Select(static p => p.Name)
            .Where(n => GeneratedNames.Contains(n) && !folded.ContainsKey(n))];
        if (trained.Count == 0)
            throw new TrakException(
                $"{list} names {Several(wanted)}, and {graph.Name} has none of these: a gradient reaches {Several([.. arrays.Keys])}.");
        trained.UnionWith(merged);
        UntrainedArray[] untrained = [.. graph.Initializers
            .Where(i => i.Values.Type.IsFloat() && !trained.Contains(i.Name) && (graph.IsParameter(i.Name) || IsJudged(graph, i.Name)))
            .Select(i => graph.Untrained.FirstOrDefault(u => u.Name == i.Name && u.Clue == UntrainedClue.Exporter)
                ?? new UntrainedArray(i.Name, i.Values.Shape, UntrainedClue.NotListed, $"not in {list}"))];
        string? change = remove.Length > 0 ? $"without '{remove}'" : add.Length > 0 ? $"behind '{add}'" : null;
        return new NamedParameters(graph.With(trained, untrained), change, missing, merged);
    }

    private static bool IsJudged(OnnxGraph graph, string name) => graph.Untrained.Any(u => u.Name == name);

    // The one prefix to take off or to put before names with which most of them are known; none where that is as good.
    private static (string Remove, string Add) Prefix(string[] wanted, IReadOnlyCollection<string> known)
    {
        HashSet<string> all = new(known, StringComparer.Ordinal);
        (string Remove, string Add) best = ("", "");
        int most = wanted.Count(all.Contains);
        foreach (string remove in Prefixes(wanted[0]))
        {
            if (Array.TrueForAll(wanted, w => w.StartsWith(remove, StringComparison.Ordinal)))
                Try(wanted.Count(w => all.Contains(w[remove.Length..])), (remove, ""));
        }

        HashSet<string> tried = new(StringComparer.Ordinal);
        foreach (string add in known.SelectMany(Prefixes))
        {
            if (tried.Add(add)) Try(wanted.Count(w => all.Contains(add + w)), ("", add));
        }

        return best;

        void Try(int found, (string, string) change)
        {
            if (found > most) (most, best) = (found, change);
        }

        static IEnumerable<string> Prefixes(string name)
        {
            for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
                yield return name[..(dot + 1)];
        }
    }

    private static string Several(IReadOnlyList<string> names) =>
        names.Count <= 6 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(6))} and {names.Count - 6} more";
}

/// <summary>A graph with the parameters of a list, and what did not fit.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Change">How the graph knows the names, where otherwise than the list: <c>behind 'model.'</c>; or null.</param>
/// <param name="Missing">Names of the list that the graph has no gradient for: tied, unused or merged parameters.</param>
/// <param name="Merged">Arrays that the exporter made of weights under a name of its own, and that are taken for that reason.</param>
public sealed record NamedParameters(
    OnnxGraph Graph, string? Change, IReadOnlyList<string> Missing, IReadOnlyList<string> Merged);
