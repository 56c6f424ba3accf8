using System.Diagnostics.CodeAnalysis;

namespace TrakFast;

/// <summary>
/// Some examples: named arrays that share their first axis, the example. What the model reads and what the task reads
/// (labels, masks) travel together under their names.
/// </summary>
public sealed class Batch
{
    private readonly Dictionary<string, DataArray> _arrays;

    /// <summary>Groups arrays into a batch.</summary>
    /// <param name="arrays">Arrays by name, each [B, …].</param>
    /// <exception cref="InputException">There is no array, one has no axis, or their first axes differ.</exception>
    public Batch(IEnumerable<KeyValuePair<string, DataArray>> arrays)
    {
        _arrays = new Dictionary<string, DataArray>(arrays, StringComparer.Ordinal);
        if (_arrays.Count == 0) throw new InputException("A batch needs at least one array; none was given.");
        if (_arrays.FirstOrDefault(static a => a.Value.Shape.Count == 0) is { Key: not null } scalar)
            throw new InputException($"Array '{scalar.Key}' is a scalar; a batch's arrays have the example as their first axis.");
        if (_arrays.Values.Select(static a => a.Shape[0]).Distinct().Count() > 1)
            throw new InputException(
                "The arrays of a batch differ in their number of examples: "
                + $"{string.Join(", ", _arrays.Select(static a => $"{a.Key} {Shapes.Text(a.Value.Shape)}"))}.");
        Size = checked((int)_arrays.Values.First().Shape[0]);
    }

    private Batch(Dictionary<string, DataArray> arrays, int size, IReadOnlyList<long>? trainIndices) =>
        (_arrays, Size, TrainIndices) = (arrays, size, trainIndices);

    /// <summary>Groups arrays into a batch.</summary>
    /// <param name="arrays">Names with arrays, each [B, …].</param>
    public Batch(params (string Name, DataArray Array)[] arrays)
        : this(arrays.Select(static a => KeyValuePair.Create(a.Name, a.Array)))
    {
    }

    /// <summary>Number of examples B.</summary>
    public int Size { get; }

    /// <summary>The examples' train indices, [B], while a <see cref="Traker"/> featurizes them; null for targets and elsewhere.</summary>
    public IReadOnlyList<long>? TrainIndices { get; }

    /// <summary>
    /// Which examples of their set these are, [B], each once; null where they are those that follow the batch before. A stream of batches
    /// that are shuffled needs it.
    /// </summary>
    public IReadOnlyList<long>? Indices { get; init; }

    /// <summary>Names of the arrays.</summary>
    public IReadOnlyCollection<string> Names => _arrays.Keys;

    /// <summary>The array of that name.</summary>
    /// <exception cref="InputException">The batch has no such array.</exception>
    public DataArray this[string name] => TryGet(name, out DataArray? array)
        ? array
        : throw new InputException($"The batch has no array '{name}'; it has {string.Join(", ", _arrays.Keys)}.");

    /// <summary>Looks an array up by its name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out DataArray? array) => _arrays.TryGetValue(name, out array);

    /// <summary>The given examples, in that order.</summary>
    public Batch Rows(IReadOnlyList<long> rows) =>
        new(_arrays.Select(a => KeyValuePair.Create(a.Key, a.Value.Rows(rows))));

    /// <summary>A run of examples, without copying.</summary>
    public Batch Rows(long start, long count) =>
        new(_arrays.Select(a => KeyValuePair.Create(a.Key, a.Value.Rows(start, count))));

    /// <summary>The same examples with the indices that they have in their set, [B].</summary>
    /// <param name="indices">One for each example.</param>
    public Batch With(IReadOnlyList<long> indices) => new(_arrays, Size, TrainIndices) { Indices = indices };

    /// <summary>The same examples with their train indices.</summary>
    internal Batch AsTraining(IReadOnlyList<long> trainIndices) => new(_arrays, Size, trainIndices);
}
