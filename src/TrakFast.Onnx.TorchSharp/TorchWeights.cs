using TrakFast.Onnx;
using TrakFast.Onnx.Programs;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>A graph's stored arrays on a device, each [1, its shape], made of the host's when they are first wanted.</summary>
internal sealed class TorchWeights(OnnxGraph graph, Device device, ScalarType type) : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>The arrays on the host.</summary>
    public GraphWeights Host { get; } = new(graph);

    /// <summary>The graph's initializer of that name.</summary>
    public Tensor this[string name]
    {
        get
        {
            if (_tensors.TryGetValue(name, out Tensor? known)) return known;
            Tensor made = TorchMemory.FromFloats(Host.ValuesOf(name), [1, .. Host.ShapeOf(name)], type, device).DetachFromDisposeScope();
            _tensors.Add(name, made);
            return made;
        }
    }

    /// <summary>Takes the checkpoint's values over.</summary>
    public void Load(Checkpoint checkpoint)
    {
        Host.Load(checkpoint);
        Free();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        Host.Dispose();
    }

    private void Free()
    {
        foreach (Tensor tensor in _tensors.Values) tensor.Dispose();
        _tensors.Clear();
    }
}
