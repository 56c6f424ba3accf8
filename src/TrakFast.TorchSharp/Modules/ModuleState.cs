using System.Runtime.CompilerServices;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// A module's parameters and buffers while an engine holds it: all frozen, of one type and on one device. The module keeps its tensors
/// all the while; only what they hold changes, and disposing this gives it back.
/// </summary>
internal sealed class ModuleState : IDisposable
{
    // Two holders would each give back what the other had put there.
    private static readonly ConditionalWeakTable<Tensor, ModuleState> Holders = [];

    private readonly List<HeldTensor> _held = [];

    /// <param name="name">What errors call the module.</param>
    /// <param name="module">The module.</param>
    /// <param name="device">Where its tensors are to lie.</param>
    /// <param name="precision">The type of its floating-point tensors.</param>
    /// <exception cref="TrakException">Another engine holds it.</exception>
    public ModuleState(string name, nn.Module module, Device device, ScalarType precision)
    {
        Dictionary<string, Tensor> state = module.state_dict();
        HashSet<string> parameters = [.. module.named_parameters().Select(static p => p.name)];
        try
        {
            Hold(name, state.Values.Concat(Attributes(module)));
            IEnumerable<Tensor> tracked = _held.Where(static h => h.Tracked).Select(static h => h.Tensor);
            HashSet<Tensor> trained = new(tracked, ReferenceEqualityComparer.Instance);
            foreach (HeldTensor held in _held) held.Freeze();
            Entries =
            [
                .. from s in state where s.Value.is_floating_point()
                   group s.Key by Place(s.Key, s.Value) into names
                   select Entry([.. names], trained),
            ];
            foreach (StateEntry entry in Entries) entry.Convert(precision, device);
            foreach (HeldTensor held in _held) Move(held.Tensor, precision, device);
        }
        catch
        {
            Dispose();
            throw;
        }

        long offset = 0;
        foreach (StateEntry entry in Entries.Where(static e => e.Trained))
        {
            ModelParameter parameter = new(entry.Name, entry.Shape, offset);
            offset += parameter.Length;
            Parameters.Add(entry.Name, new ModuleParameter(parameter, entry.Tensors));
            foreach (string alias in entry.Names) ByAnyName.Add(alias, parameter);
        }

        StateEntry Entry(string[] names, HashSet<Tensor> trained) => new(
            names,
            Distinct(names, state),
            trained: names.Any(n => parameters.Contains(n) && trained.Contains(state[n])),
            required: names.Any(n => parameters.Contains(n) || IsStatistic(n)));
    }

    /// <summary>All floating-point arrays in the state dict's order.</summary>
    public IReadOnlyList<StateEntry> Entries { get; } = [];

    /// <summary>The trainable parameters by their names, in the module's order.</summary>
    public Dictionary<string, ModuleParameter> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>The same, by every name that one has.</summary>
    public Dictionary<string, ModelParameter> ByAnyName { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        using IDisposable untracked = no_grad();
        foreach (HeldTensor held in _held)
        {
            Holders.Remove(held.Tensor);
            held.Dispose();
        }

        foreach (StateEntry entry in Entries) entry.Dispose();
    }

    private void Hold(string name, IEnumerable<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors.Distinct<Tensor>(ReferenceEqualityComparer.Instance))
        {
            if (!Holders.TryAdd(tensor, this)) throw new TrakException($"{name} is held by another TorchModel; dispose that one first.");
            _held.Add(new HeldTensor(tensor));
        }
    }

    // Tensors that TorchScript keeps as neither parameters nor buffers.
    private static IEnumerable<Tensor> Attributes(nn.Module module) => module is not jit.ScriptModule script ? []
        : script.named_attributes().Where(static a => a.name is not null).Select(static a => a.buffer);

    // Names of one memory, laid out in one way, are names of one array.
    private static string Place(string name, Tensor tensor) => tensor.numel() == 0 ? name
        : FormattableString.Invariant($"{TorchMemory.Address(tensor)} {Shapes.Text(tensor.shape)} {Shapes.Text(tensor.stride())}");

    private static bool IsStatistic(string name) =>
        name.EndsWith("running_mean", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal);

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

    // What is no entry: whole numbers, and a script's own tensors.
    private static void Move(Tensor tensor, ScalarType precision, Device device)
    {
        ScalarType type = tensor.is_floating_point() ? precision : tensor.dtype;
        if (tensor.dtype == type && TorchDevice.Holds(device, tensor)) return;
        using Tensor moved = tensor.to(type, device);
        TensorData.Put(tensor, moved);
    }
}
