using TrakFast.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>A graph's stored arrays on a device, each [1, its shape], made of the host's when they are first wanted.</summary>
internal sealed class TorchWeights(OnnxGraph graph, Device device, ScalarType type) : IDisposable
{
    private readonly Tensor?[] _tensors = new Tensor?[graph.Initializers.Count];
    private readonly Dictionary<string, int> _places = graph.Initializers.Select(static (i, place) => (i.Name, place)).ToDictionary(static i => i.Name, static i => i.place, StringComparer.Ordinal);

    /// <summary>The arrays on the host.</summary>
    public Weights Host { get; } = new(graph);

    /// <summary>The graph's initializer of that number.</summary>
    public Tensor this[int initializer] =>
        _tensors[initializer] ??= TorchMemory.FromFloats(Host.Span(initializer), [1, .. graph.Initializers[initializer].Values.Shape], type, device).DetachFromDisposeScope();

    /// <summary>The initializer of that name.</summary>
    public Tensor this[string name] => this[_places[name]];

    /// <summary>Takes the checkpoint's values over.</summary>
    public void Load(Checkpoint checkpoint)
    {
        CheckpointLoader.Load(graph, Host, checkpoint);
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
        foreach (Tensor? tensor in _tensors) tensor?.Dispose();
        Array.Clear(_tensors);
    }
}
