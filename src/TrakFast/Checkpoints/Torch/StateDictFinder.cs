namespace TrakFast;

/// <summary>
/// Finds the weights in what a training program saved: the state dict itself, or one among an optimizer's state, hyperparameters,
/// averaged weights. What is not clear is asked for, never guessed.
/// </summary>
/// <param name="path">What errors call the file.</param>
internal sealed class StateDictFinder(string path)
{
    private const int Deepest = 4;
    private const int MostDictionaries = 10_000;

    private static readonly HashSet<string> _plain = new(StringComparer.Ordinal)
    {
        "state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "weights", "params", "parameters",
        "model_dict", "net_state_dict", "network_state_dict", "model_weights", "state",
    };

    private readonly List<Candidate> _candidates = [];
    private readonly HashSet<PickleObject> _seen = [];
    private string? _module;

    private enum Rank
    {
        /// <summary>Under a name that says that it is the model.</summary>
        Plain,

        /// <summary>The outermost dictionary.</summary>
        Outermost,

        /// <summary>Averaged over the training.</summary>
        Averaged,

        /// <summary>Under a name that says nothing.</summary>
        Other,
    }

    private sealed record Candidate(string Key, int Depth, Rank Rank, OrderedDictionary<string, object?> Entries);

    /// <summary>Finds the weights.</summary>
    /// <param name="root">What the file holds.</param>
    /// <param name="key">Where they are, dotted; null to look for them.</param>
    /// <param name="notes">Takes what to tell whoever reads the file.</param>
    /// <returns>Tensors by name, and whatever else lies among them.</returns>
    /// <exception cref="CheckpointException">There are none, or several that could be meant.</exception>
    public OrderedDictionary<string, object?> Find(object? root, string? key, ICollection<string> notes)
    {
        if (key is not null) root = At(root, key) ?? throw NotAt(root, key);
        Look(root, [], 0);
        Candidate? best = _candidates.OrderBy(static c => c.Rank).ThenBy(static c => c.Depth).FirstOrDefault();
        if (_module is not null && best is not { Rank: Rank.Plain or Rank.Outermost })
            throw new CheckpointException(
                $"{path} holds a whole module, {WeightNames.Short(_module)}, and reading it would mean running its program; "
                + "save its weights: torch.save(model.state_dict(), file).");
        if (best is null) throw Nothing(root);
        Candidate[] equals = [.. _candidates.Where(c => c.Rank == best.Rank && c.Depth == best.Depth)];
        if (equals.Length > 1)
            throw new CheckpointException(
                $"{path} holds weights under {WeightNames.List([.. equals.Select(static c => c.Key)])}, and any of them could be meant; "
                + "choose with --weights-key.");
        if (best.Rank is Rank.Averaged or Rank.Other) notes.Add($"the weights under '{WeightNames.Short(best.Key)}' are taken");
        string[] averaged = [.. _candidates.Where(c => c.Rank == Rank.Averaged && c != best).Select(static c => c.Key)];
        if (averaged.Length > 0)
            notes.Add($"it holds averaged weights (EMA) too, under {WeightNames.List(averaged)}; --weights-key takes them instead");
        return best.Entries;
    }

    private void Look(object? value, List<string> keys, int depth)
    {
        if (StateDict.ModuleClass(value) is { } module)
        {
            if (keys.Count == 0 || RankOf(keys) == Rank.Plain) _module ??= module;
            return;
        }

        // A dictionary may hold itself.
        if (depth > Deepest || _seen.Count >= MostDictionaries || StateDict.Entries(value) is not { } entries
            || !_seen.Add((PickleObject)value!) || entries.ContainsKey("param_groups"))
            return;
        if (entries.Values.Any(TorchTensors.IsTensor))
            _candidates.Add(new Candidate(string.Join('.', keys), depth, RankOf(keys), entries));
        foreach ((string key, object? inner) in entries)
        {
            if (IsOfTraining(key)) continue;
            keys.Add(key);
            Look(inner, keys, depth + 1);
            keys.RemoveAt(keys.Count - 1);
        }
    }

    private static Rank RankOf(List<string> keys) =>
        keys.Count == 0 ? Rank.Outermost : keys.Any(IsAveraged) ? Rank.Averaged : _plain.Contains(keys[^1]) ? Rank.Plain : Rank.Other;

    private static bool IsAveraged(string key) =>
        key.Split('_', '-', '.').Any(static part => part.ToUpperInvariant() is "EMA" or "SWA" or "AVG" or "AVERAGED" or "SHADOW" or "EMAS");

    private static bool IsOfTraining(string key) =>
        key.StartsWith("optim", StringComparison.Ordinal) || key.EndsWith("optimizer", StringComparison.Ordinal)
        || key.Contains("scheduler", StringComparison.Ordinal) || key is "scaler" or "hyper_parameters" or "_metadata";

    // The whole key first, since keys may hold dots.
    private static object? At(object? value, string key)
    {
        if (StateDict.Entries(value) is not { } entries) return null;
        if (entries.TryGetValue(key, out object? found)) return found;
        for (int dot = key.LastIndexOf('.'); dot > 0; dot = key.LastIndexOf('.', dot - 1))
        {
            if (entries.TryGetValue(key[..dot], out object? outer) && At(outer, key[(dot + 1)..]) is { } inner) return inner;
        }

        // Names that begin with it.
        PickleObject part = PickleObject.Dictionary();
        foreach ((string name, object? item) in entries)
        {
            if (name.Length > key.Length + 1 && name[key.Length] == '.' && name.StartsWith(key, StringComparison.Ordinal))
                part.Set(name[(key.Length + 1)..], item);
        }

        return part.Entries.Count > 0 ? part : null;
    }

    private CheckpointException NotAt(object? root, string key) => new(
        $"{path} holds nothing under '{WeightNames.Short(key)}'"
        + $"{(StateDict.Entries(root) is { Count: > 0 } entries ? $"; it has {WeightNames.List(entries.Keys)}" : string.Empty)}.");

    private CheckpointException Nothing(object? root)
    {
        if (StateDict.Entries(root) is not { } entries)
            return new CheckpointException($"{path} holds {StateDict.Describe(root)}, where a state dict, tensors by name, is wanted.");
        return new CheckpointException(
            entries.Count == 0 ? $"{path} holds an empty dictionary, where tensors by name are wanted."
            : $"{path} holds no tensors by name; it has {WeightNames.List(entries.Keys)}. Save the model's state dict.");
    }
}
