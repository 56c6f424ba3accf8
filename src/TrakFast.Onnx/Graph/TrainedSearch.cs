using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// Finds what was trained by comparing checkpoints: an array that differing checkpoints all hold with the same bits was not trained,
/// a frozen one included. What the file's numbers showed to be a mask or a table is a parameter all the same where a checkpoint holds
/// something else. One caller at a time.
/// </summary>
public sealed class TrainedSearch : IDisposable
{
    private readonly OnnxGraph _graph;
    private readonly GraphWeights _weights;
    private readonly Func<string, DataArray, (UntrainedClue Clue, string Reason)?> _judge;
    private readonly Dictionary<string, byte[]> _first = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal), _cleared = new(StringComparer.Ordinal);
    private readonly HashSet<string> _states = new(StringComparer.Ordinal), _passedOver = new(StringComparer.Ordinal);

    /// <summary>Begins with what the file tells.</summary>
    /// <param name="graph">The graph.</param>
    public TrainedSearch(OnnxGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        (_graph, _weights, _judge) = (graph, new GraphWeights(graph), ParameterRule.ByNumbers(graph));
    }

    /// <summary>Entries of the checkpoints that the graph does not have and that were passed over.</summary>
    public IReadOnlyCollection<string> PassedOver => _passedOver;

    /// <summary>Looks at a checkpoint.</summary>
    /// <param name="checkpoint">The weights.</param>
    /// <returns>SHA-256 of the weights, as <see cref="IModel.WeightHash"/>.</returns>
    /// <exception cref="CheckpointException">The weights do not fit the model.</exception>
    public string Add(Checkpoint checkpoint)
    {
        _weights.Load(checkpoint);
        _passedOver.UnionWith(_weights.PassedOver);
        if (!_states.Add(_weights.Hash)) return _weights.Hash;
        foreach (string name in _graph.Parameters.Select(static p => p.Name).Concat(Judged.Select(static u => u.Name)))
        {
            ReadOnlySpan<float> values = _weights.ValuesOf(name);
            byte[] hash = SHA256.HashData(MemoryMarshal.AsBytes(values));
            if (!_first.TryAdd(name, hash) && !_first[name].AsSpan().SequenceEqual(hash)) _changed.Add(name);
            if (!_graph.IsParameter(name) && _judge(name, DataArray.From(values, [.. _weights.ShapeOf(name)])) is null) _cleared.Add(name);
        }

        return _weights.Hash;
    }

    /// <summary>The graph with the parameters that were trained as far as the checkpoints tell.</summary>
    public OnnxGraph Result()
    {
        bool tells = _states.Count > 1 && _graph.Parameters.Any(p => _changed.Contains(p.Name));
        UntrainedArray[] same = !tells ? [] : [.. _graph.Parameters
            .Where(p => !_changed.Contains(p.Name))
            .Select(p => new UntrainedArray(
                p.Name, p.Shape, UntrainedClue.SameInCheckpoints, $"the same bits in all {_states.Count} checkpoints"))];
        HashSet<string> taken = [.. Judged.Select(static u => u.Name).Where(n => _changed.Contains(n) || _cleared.Contains(n))];
        if (same.Length == 0 && taken.Count == 0) return _graph;
        return _graph.With(
            _graph.Parameters.Select(static p => p.Name).Except(same.Select(static s => s.Name)).Concat(taken),
            [.. _graph.Untrained.Where(u => !taken.Contains(u.Name)), .. same]);
    }

    /// <inheritdoc/>
    public void Dispose() => _weights.Dispose();

    // What an exporter says holds, and running statistics change without being trained.
    private IEnumerable<UntrainedArray> Judged =>
        _graph.Untrained.Where(static u => u.Clue is not (UntrainedClue.Exporter or UntrainedClue.RunningStatistics));
}
