using TorchSharp;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>One floating-point array of a state dict: a parameter or a buffer, under all the names that it has.</summary>
/// <param name="Names">Its names, in the state dict's order.</param>
/// <param name="Tensors">The tensors that hold it; several where layers share it and torch does not know.</param>
/// <param name="Trained">Whether it has a gradient.</param>
/// <param name="Required">Whether a checkpoint must hold it.</param>
internal sealed record StateEntry(IReadOnlyList<string> Names, IReadOnlyList<Tensor> Tensors, bool Trained, bool Required)
{
    /// <summary>Its first name.</summary>
    public string Name => Names[0];

    /// <summary>Its sizes.</summary>
    public IReadOnlyList<long> Shape => Tensors[0].shape;

    /// <summary>Its values in the type that the module came with, where the model computes in another; null elsewhere.</summary>
    public Tensor? Original { get; init; }
}

/// <summary>
/// A module's parameters and buffers while an engine holds it: all frozen, of one type and on one device. Disposing it gives the
/// module back as it was, with the weights loaded meanwhile.
/// </summary>
internal sealed class ModuleState : IDisposable
{
    private readonly nn.Module _module;
    private readonly (string Name, bool Tracked)[] _before;
    private readonly Dictionary<string, Tensor?> _gradients = [];
    private readonly ScalarType? _type;
    private readonly Device? _device;

    public ModuleState(nn.Module module, Device device, ScalarType precision)
    {
        _module = module;
        Dictionary<string, Tensor> state = Floats(module);
        Dictionary<string, Tensor> parameters = module.named_parameters().ToDictionary(static p => p.name, static p => (Tensor)p.parameter, StringComparer.Ordinal);
        _before = [.. parameters.Select(static p => (p.Key, p.Value.requires_grad))];

        // Ties are seen by their memory, and undone when the module is converted.
        string[][] names = [.. state.GroupBy(static s => (TorchMemory.Address(s.Value), s.Value.numel() == 0 ? s.Key : "", Shapes.Text(s.Value.shape))).Select(static g => g.Select(static s => s.Key).ToArray())];
        HashSet<string> trained = [.. _before.Where(static b => b.Tracked).Select(static b => b.Name)];
        Tensor? other = state.Values.FirstOrDefault(t => t.dtype != precision);
        _type = other?.dtype;
        Dictionary<string, Tensor> originals = other is null ? [] : names.ToDictionary(static n => n[0], n => state[n[0]].detach().clone().DetachFromDisposeScope(), StringComparer.Ordinal);
        if (other is not null)
        {
            module.to(precision);
            state = Floats(module);
        }

        if (state.Values.Any(t => t.device_type != device.type || (device.type == DeviceType.CUDA && t.device_index != device.index)))
        {
            _device = state.Values.First().device;
            module.to(device);
            state = Floats(module);
        }

        foreach ((string name, global::TorchSharp.Modules.Parameter parameter) in module.named_parameters())
        {
            _gradients[name] = parameter.grad?.DetachFromDisposeScope();
            parameter.requires_grad = false;
        }

        foreach (Tensor buffer in state.Values.Where(static t => t.requires_grad)) buffer.requires_grad = false;
        Entries = [.. names.Select(n => new StateEntry(n, Distinct(n, state), n.Any(trained.Contains), n.Any(m => parameters.ContainsKey(m)) || n.Any(IsStatistic)) { Original = originals.GetValueOrDefault(n[0]) })];
        foreach (Tensor tensor in Entries.SelectMany(static e => e.Tensors)) tensor.grad = null;
        long offset = 0;
        foreach (StateEntry entry in Entries.Where(static e => e.Trained))
        {
            ModelParameter parameter = new(entry.Name, entry.Shape, offset);
            offset += parameter.Length;
            Parameters.Add(entry.Name, new ModuleParameter(parameter, entry.Tensors));
            foreach (string name in entry.Names) ByAnyName.Add(name, parameter);
        }
    }

    /// <summary>All floating-point arrays in the state dict's order.</summary>
    public IReadOnlyList<StateEntry> Entries { get; }

    /// <summary>The trainable parameters by their names, in the module's order.</summary>
    public Dictionary<string, ModuleParameter> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>The same, by every name that one has.</summary>
    public Dictionary<string, ModelParameter> ByAnyName { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_device is not null) _module.to(_device);
        if (_type is { } type) Convert(type);
        Dictionary<string, global::TorchSharp.Modules.Parameter> parameters = _module.named_parameters().ToDictionary(static p => p.name, static p => p.parameter, StringComparer.Ordinal);
        foreach ((string name, bool tracked) in _before)
        {
            if (!parameters.TryGetValue(name, out global::TorchSharp.Modules.Parameter? parameter)) continue;
            parameter.requires_grad = tracked;
            if (_gradients.GetValueOrDefault(name) is { } gradient) parameter.grad = gradient;
        }
    }

    private static Dictionary<string, Tensor> Floats(nn.Module module) =>
        module.state_dict().Where(static s => s.Value.is_floating_point()).ToDictionary(StringComparer.Ordinal);

    private static bool IsStatistic(string name) => name.EndsWith("running_mean", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal);

    // Wrappers of one tensor share their flags; tensors that only share memory do not.
    private static List<Tensor> Distinct(string[] names, Dictionary<string, Tensor> state)
    {
        List<Tensor> distinct = [];
        foreach (string name in names)
        {
            Tensor tensor = state[name];
            if (tensor.requires_grad) continue;
            tensor.requires_grad = true;
            distinct.Add(tensor);
        }

        foreach (Tensor tensor in distinct) tensor.requires_grad = false;
        return distinct;
    }

    private void Convert(ScalarType type)
    {
        _module.to(type);
        Dictionary<string, Tensor> state = Floats(_module);
        using IDisposable untracked = no_grad();
        foreach (StateEntry entry in Entries)
        {
            foreach (string name in entry.Names) state[name].copy_(entry.Original!);
            entry.Original!.Dispose();
        }
    }
}
