namespace TrakFast;

/// <summary>
/// Matches the names of a checkpoint with those of a model. Programs wrap models (<c>module.</c> by DataParallel, <c>_orig_mod.</c> by
/// torch.compile, <c>model.</c> by Lightning), so that the same weights have longer or shorter names in a file.
/// </summary>
public static class CheckpointNames
{
    private static readonly HashSet<string> _within =
        new(["_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module"], StringComparer.Ordinal);

    /// <summary>
    /// The checkpoint under the model's names, by the smallest change of what begins its names with which most of what is wanted is
    /// there. What changed is noted. Nothing is left out, and nothing has to be complete.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="wanted">Shapes by the names that the model knows.</param>
    /// <exception cref="CheckpointException">Two changes fit alike and would take different weights.</exception>
    public static Checkpoint Fit(Checkpoint checkpoint, IReadOnlyDictionary<string, IReadOnlyList<long>> wanted)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(wanted);
        IReadOnlyDictionary<string, string> adapter = checkpoint.Tensors.Keys.Any(AdapterNames.IsLayer)
            ? AdapterNames.InFiles(wanted.Keys)
            : new Dictionary<string, string>();
        Dictionary<string, IReadOnlyList<long>> known = new(wanted, StringComparer.Ordinal);
        foreach ((string inFile, string name) in adapter)
        {
            if (known.TryAdd(inFile, wanted[name])) known.Remove(name);
        }

        List<string> notes = [.. checkpoint.Notes];
        OrderedDictionary<string, DataArray> tensors = Within(checkpoint, known, notes);
        (NameChange change, int fitting, IReadOnlyList<NameChange> others) = NameFit.Find(ShapesOf(tensors), known);

        // One that makes a few names of many fit belongs to another model, whose names are better left as they are for the error.
        if (change != NameChange.None && fitting * 2 >= Math.Min(tensors.Count, known.Count))
        {
            RefuseAmbiguous(checkpoint, tensors, change, others, known);
            notes.Add(change.Description);
            string[] averaged = [.. others.Where(static o => o.IsAveraged).Select(static o => o.Removed)];
            if (averaged.Length > 0 && !change.IsAveraged) notes.Add($"it holds averaged weights (EMA) too, as {WeightNames.List(averaged)}");
            tensors = Changed(tensors, change);
        }

        if (fitting > 0 && adapter.Count > 0)
            tensors = Renamed(tensors, name => wanted.ContainsKey(name) ? name : adapter.GetValueOrDefault(name, name));
        return new Checkpoint(checkpoint.Name, tensors) { Notes = notes };
    }

    /// <summary>Shapes by name.</summary>
    internal static Dictionary<string, IReadOnlyList<long>> ShapesOf(IReadOnlyDictionary<string, DataArray> tensors) =>
        tensors.ToDictionary(static t => t.Key, static t => t.Value.Shape, StringComparer.Ordinal);

    // torch.compile and FSDP wrap modules within modules too.
    private static OrderedDictionary<string, DataArray> Within(
        Checkpoint checkpoint, Dictionary<string, IReadOnlyList<long>> known, List<string> notes)
    {
        OrderedDictionary<string, DataArray> tensors = new(checkpoint.Tensors, StringComparer.Ordinal);
        HashSet<string> wrappers = [.. checkpoint.Tensors.Keys.SelectMany(static n => n.Split('.')).Where(_within.Contains)];
        if (wrappers.Count == 0 || known.Keys.Any(n => n.Split('.').Any(_within.Contains))) return tensors;
        if (NameFit.Find(ShapesOf(tensors), known) is { Fitting: var before } && before == known.Count) return tensors;
        OrderedDictionary<string, DataArray> without =
            Renamed(tensors, static name => string.Join('.', name.Split('.').Where(static p => !_within.Contains(p))));
        if (without.Count < tensors.Count || NameFit.Find(ShapesOf(without), known).Fitting <= before) return tensors;
        notes.Add($"names are taken without {WeightNames.List([.. wrappers.Order(StringComparer.Ordinal)])} wherever it is in them");
        return without;
    }

    private static void RefuseAmbiguous(
        Checkpoint checkpoint, OrderedDictionary<string, DataArray> tensors, NameChange change, IReadOnlyList<NameChange> others,
        Dictionary<string, IReadOnlyList<long>> known)
    {
        // What programs wrap around models goes before names that could be anybody's, and averaged weights come last.
        foreach (NameChange other in others.Where(o => o.IsAveraged == change.IsAveraged && o.IsOfWrappers == change.IsOfWrappers))
        {
            if (known.Keys.All(name => Source(change, name) == Source(other, name))) continue;
            throw new CheckpointException(
                $"{checkpoint.Name} has weights that fit both as '{WeightNames.Short(change.Removed)}' and as "
                + $"'{WeightNames.Short(other.Removed)}'; choose with --weights-key, such as --weights-key {WeightNames.Short(change.Removed.TrimEnd('.'))}.");
        }

        string? Source(NameChange by, string name) =>
            name.StartsWith(by.Added, StringComparison.Ordinal) && tensors.ContainsKey(by.Removed + name[by.Added.Length..])
                ? by.Removed + name[by.Added.Length..]
                : null;
    }

    // A name that the change gives goes before one that was there.
    private static OrderedDictionary<string, DataArray> Changed(OrderedDictionary<string, DataArray> tensors, NameChange change)
    {
        HashSet<string> made = [.. tensors.Keys.Select(change.Apply).OfType<string>()];
        OrderedDictionary<string, DataArray> changed = new(StringComparer.Ordinal);
        foreach ((string name, DataArray array) in tensors)
        {
            if (change.Apply(name) is { } other) changed[other] = array;
            else if (!made.Contains(name)) changed.TryAdd(name, array);
        }

        return changed;
    }

    private static OrderedDictionary<string, DataArray> Renamed(OrderedDictionary<string, DataArray> tensors, Func<string, string> rename)
    {
        OrderedDictionary<string, DataArray> renamed = new(StringComparer.Ordinal);
        foreach ((string name, DataArray array) in tensors) renamed.TryAdd(rename(name), array);
        return renamed;
    }
}
