namespace TrakFast.Onnx.Programs;

/// <summary>A graph's stored arrays on the host during a model's life: as the file has them, then as a checkpoint has.</summary>
public sealed class GraphWeights : IDisposable
{
    private readonly OnnxGraph _graph;
    private readonly Weights _weights;
    private readonly Dictionary<string, int> _places;
    private bool _disposed;

    /// <summary>Takes the graph's own values.</summary>
    /// <param name="graph">The graph.</param>
    public GraphWeights(OnnxGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        (_graph, _weights) = (graph, new Weights(graph));
        _places = graph.Initializers
            .Select(static (i, place) => (i.Name, place))
            .ToDictionary(static i => i.Name, static i => i.place, StringComparer.Ordinal);
    }

    /// <summary>Grows with every change of a value.</summary>
    public long Version => _weights.Version;

    /// <summary>SHA-256 of all floating-point arrays that a checkpoint would hold, as lower-case hexadecimal digits.</summary>
    public string Hash
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _weights.Hash;
        }
    }

    /// <summary>Entries of the checkpoint in use that the graph does not have and that were passed over.</summary>
    public IReadOnlyList<string> PassedOver { get; private set; } = [];

    /// <summary>The shape of a stored array.</summary>
    /// <param name="name">The array's name in the graph.</param>
    /// <exception cref="KeyNotFoundException">The graph has no array of that name.</exception>
    public IReadOnlyList<long> ShapeOf(string name) => _graph.Initializers[_places[name]].Values.Shape;

    /// <summary>The elements of a stored array of floating-point numbers; valid until the next change.</summary>
    /// <param name="name">The array's name in the graph.</param>
    /// <exception cref="KeyNotFoundException">The graph has no array of that name.</exception>
    public ReadOnlySpan<float> ValuesOf(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _weights.Span(_places[name]);
    }

    /// <summary>Takes a checkpoint's values over.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <exception cref="TrakException">It does not fit; the message says everything that stands in the way, and nothing is changed.</exception>
    public void Load(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ObjectDisposedException.ThrowIf(_disposed, this);
        PassedOver = CheckpointLoader.Load(_graph, _weights, checkpoint);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _weights.Dispose();
    }
}
