using TorchSharp;
using TrakFast.TorchSharp.Engines;

namespace TrakFast.TorchSharp;

/// <summary>
/// One forward pass of a TorchSharp engine: its outputs, and the scope to which every <see cref="torch.Tensor"/> belongs that is
/// made while the pass is alive, the task's included. Disposing it frees them all.
/// </summary>
internal sealed class TorchPass : ModelResult
{
    private readonly PassScope _scope = new();
    private readonly Dictionary<string, TorchVariable> _outputs = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    /// <summary>Number of examples B.</summary>
    public required int Batch { get; init; }

    /// <summary>Which weights it ran with; a backward pass with others would be wrong.</summary>
    public required long Version { get; init; }

    /// <summary>Whether its tensors are freed.</summary>
    public bool Disposed { get; private set; }

    /// <summary>Whether a backward pass has used up what another would need.</summary>
    public bool Backpropagated { get; set; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Names => _names;

    /// <inheritdoc/>
    public override Variable this[string name]
    {
        get
        {
            ObjectDisposedException.ThrowIf(Disposed, this);
            return _outputs.TryGetValue(name, out TorchVariable? output) ? output : throw PassRules.NoOutput(name, _names);
        }
    }

    /// <summary>Adds an output.</summary>
    public void Add(string name, TorchVariable output)
    {
        _outputs.Add(name, output);
        _names.Add(name);
    }

    /// <summary>Has a tensor live as long as the pass, whatever scope it was made in.</summary>
    public torch.Tensor Own(torch.Tensor tensor) => _scope.Attach(tensor);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Disposed) return;
        Disposed = true;
        _scope.Dispose();
    }
}
