using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// A LoRA adapter as PEFT saves it: <c>adapter_config.json</c> and, beside it, <c>adapter_model.safetensors</c> or <c>.bin</c>.
/// </summary>
public sealed class LoraAdapter
{
    /// <summary>The weights' file.</summary>
    internal const string SafetensorsName = "adapter_model.safetensors";

    /// <summary>The weights' file in PyTorch's format.</summary>
    internal const string BinName = "adapter_model.bin";

    private const string ConfigurationName = "adapter_config.json";
    private const string Wrapper = "base_model.model.";
    private readonly LoraConfiguration _configuration;
    private readonly Dictionary<string, LoraPair> _pairs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DataArray> _replaced = new(StringComparer.Ordinal);

    private LoraAdapter(string name, LoraConfiguration configuration, Checkpoint weights)
    {
        (Name, _configuration) = (name, configuration);
        foreach ((string tensor, DataArray array) in weights.Tensors) Take(tensor, array);
        if (_pairs.Values.FirstOrDefault(static p => p.A is null || p.B is null) is { } half)
            throw new CheckpointException($"{name} has only one of the two matrices of '{WeightNames.Short(half.Module)}'.");
        if (_pairs.Count == 0) throw new CheckpointException($"{name} has no matrices of LoRA; it has {WeightNames.List([.. weights.Tensors.Keys])}.");
    }

    /// <summary>What errors call it.</summary>
    public string Name { get; }

    /// <summary>Reads an adapter.</summary>
    /// <param name="path">Its folder, or the file of its weights.</param>
    /// <exception cref="CheckpointException">It cannot be read, or is another kind of adapter than plain LoRA.</exception>
    public static LoraAdapter Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isFolder = Directory.Exists(path);
        string folder = isFolder ? path : Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
        string file = File.Exists(Path.Combine(path, SafetensorsName)) ? SafetensorsName : BinName;
        string weights = isFolder ? Path.Combine(path, file) : path;
        return TypedErrors.As(
            () => new LoraAdapter(
                path, LoraConfiguration.Read(Path.Combine(folder, ConfigurationName)), CheckpointReader.Read(weights)),
            static (sentence, cause) => new CheckpointException(sentence, cause));
    }

    /// <summary>
    /// Weights with the adapter merged in: W + (α/r)·B·A for the layers it adapts, and its own values for what was trained beside them.
    /// </summary>
    /// <param name="checkpoint">The weights it was trained on; they stay as they are.</param>
    /// <exception cref="CheckpointException">A layer that it adapts is not there, or of another shape.</exception>
    public Checkpoint MergeInto(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Dictionary<string, IReadOnlyList<long>> held = CheckpointNames.ShapesOf(checkpoint.Tensors), targets = new(StringComparer.Ordinal);
        foreach (LoraPair pair in _pairs.Values)
            targets[pair.Target] = pair.Shape(held.GetValueOrDefault(pair.Target), _configuration.IsTransposed);
        foreach ((string name, DataArray array) in _replaced) targets[name] = array.Shape;

        // The names of one are those of the other but for what wraps them.
        NameChange change = NameFit.Find(targets, held).Best;
        string[] missing = [.. targets.Keys.Where(name => change.Apply(name) is not { } there || !held.ContainsKey(there))];
        if (missing.Length > 0)
            throw new CheckpointException(
                $"{Name} adapts {WeightNames.List(missing)}, which {checkpoint.Name} does not have; it has {WeightNames.List(held.Keys)}.");
        OrderedDictionary<string, DataArray> merged = new(checkpoint.Tensors, StringComparer.Ordinal);
        foreach (LoraPair pair in _pairs.Values)
        {
            string target = change.Apply(pair.Target)!;
            merged[target] = pair.Merge(
                merged[target], _configuration.Scale(pair.Module, pair.Rank), _configuration.IsTransposed, $"{Name}: '{WeightNames.Short(target)}'");
        }

        foreach ((string name, DataArray array) in _replaced) merged[change.Apply(name)!] = array;
        return new Checkpoint(checkpoint.Name, merged)
        {
            Notes =
            [
                .. checkpoint.Notes,
                $"the adapter {Name} is merged into {_pairs.Count} layers"
                + (_replaced.Count > 0 ? $", and {_replaced.Count} of its arrays replace others" : string.Empty),
            ],
        };
    }

    private void Take(string tensor, DataArray array)
    {
        string name = tensor.StartsWith(Wrapper, StringComparison.Ordinal) ? tensor[Wrapper.Length..] : tensor;
        string[] parts = name.Split('.');
        int layer = Array.FindIndex(parts, static p => p.StartsWith("lora_", StringComparison.Ordinal));
        if (layer < 0)
        {
            // PEFT leaves the adapter's name out of files; state dicts have it.
            int saved = Array.IndexOf(parts, "modules_to_save");
            if (saved > 0 && saved + 2 < parts.Length) name = string.Join('.', [.. parts[..saved], .. parts[(saved + 2)..]]);
            _replaced[name] = array;
            return;
        }

        string module = string.Join('.', parts[..layer]), kind = parts[layer];
        bool isEmbedding = kind is "lora_embedding_A" or "lora_embedding_B";
        if (module.Length == 0 || array.Shape.Count != 2 || !array.Type.IsFloat()
            || !(isEmbedding || (kind is "lora_A" or "lora_B" && parts[^1] == "weight")))
            throw new CheckpointException(
                $"{Name} has '{WeightNames.Short(tensor)}' {array}; matrices of plain LoRA for dense layers and embeddings are merged: "
                + "merge this one with PEFT's merge_and_unload().");
        if (!_pairs.TryGetValue(module, out LoraPair? pair)) _pairs.Add(module, pair = new LoraPair(module, isEmbedding));
        if (!pair.Take(kind.EndsWith('A'), array))
            throw new CheckpointException($"{Name} has '{WeightNames.Short(tensor)}' under more than one adapter's name.");
    }
}
