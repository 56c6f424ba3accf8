namespace TrakFast;

/// <summary>Where a torch file keeps what its tensors hold.</summary>
internal interface ITorchStorages
{
    /// <summary>Whether elements of more than one byte are the other way round.</summary>
    bool IsBigEndian { get; }

    /// <summary>Reads a storage.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="bytes">The bytes that it has at least, by the pickle.</param>
    /// <exception cref="CheckpointException">It is not there, or has fewer.</exception>
    byte[] Read(string key, long bytes);
}

/// <summary>Makes a checkpoint of what a torch file's pickle says and its storages hold.</summary>
/// <param name="path">The file; also the checkpoint's name.</param>
/// <param name="allowance">What reading may take of memory.</param>
internal sealed class TorchWeightsFile(string path, MemoryAllowance allowance)
{
    /// <summary>Reads the tensors that are weights, and no storage of anything else.</summary>
    /// <param name="root">What the pickle holds.</param>
    /// <param name="key">Where in it the weights are; null to look for them.</param>
    /// <param name="storages">The storages.</param>
    /// <exception cref="CheckpointException">There are no weights, or a tensor is damaged or no dense array.</exception>
    public Checkpoint Read(object? root, string? key, ITorchStorages storages)
    {
        List<string> notes = [];
        OrderedDictionary<string, object?> entries = new StateDictFinder(path).Find(root, key, notes);
        List<(string Name, TensorView View)> views = [];
        List<string> others = [];
        foreach ((string name, object? value) in entries)
        {
            if (TorchTensors.IsTensor(value)) views.Add((name, TorchTensors.Read(value, What(name))));
            else others.Add(name);
        }

        if (others.Count > 0) notes.Add($"{WeightNames.List(others)} {(others.Count == 1 ? "is no tensor and is" : "are no tensors and are")} passed over");
        Dictionary<string, DataArray> arrays = Arrays(views, storages);
        OrderedDictionary<string, DataArray> ordered = new(StringComparer.Ordinal);
        foreach ((string name, _) in views) ordered.Add(name, arrays[name]);
        return new Checkpoint(path, ordered) { Notes = notes };
    }

    // Storage by storage, so that no more of them than one is kept beside what was made of them.
    private Dictionary<string, DataArray> Arrays(List<(string Name, TensorView View)> views, ITorchStorages storages)
    {
        Dictionary<string, DataArray> arrays = new(StringComparer.Ordinal);
        foreach (IGrouping<string, (string Name, TensorView View)> group in
            views.GroupBy(static v => v.View.Storage, StringComparer.Ordinal))
        {
            byte[] storage = storages.Read(group.Key, group.Max(static v => v.View.StorageBytes));
            Dictionary<string, DataArray> same = new(StringComparer.Ordinal);
            foreach ((string name, TensorView view) in group)
            {
                // A weight that several layers share is one array here too.
                string place = $"{view.Type.Name} {view.Offset} {Shapes.Text(view.Sizes)} {Shapes.Text(view.Strides)}";
                if (!same.TryGetValue(place, out DataArray? array))
                    same.Add(place, array = view.ToArray(storage, storages.IsBigEndian, allowance, What(name)));
                arrays.Add(name, array);
            }
        }

        return arrays;
    }

    private string What(string name) => $"{path}: tensor '{WeightNames.Short(name)}'";
}
