using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Everything that stands between a checkpoint and a model, collected for one sentence.</summary>
/// <param name="checkpoint">What to call the checkpoint.</param>
/// <param name="model">What to call the model.</param>
public sealed class CheckpointDifferences(string checkpoint, string model)
{
    private const string BatchCounter = "num_batches_tracked";
    private const int MostNamed = 12;
    private readonly List<string> _shapes = [], _values = [], _missing = [], _extra = [];

    /// <summary>Whether a name is that of a counter which training keeps, and no weight.</summary>
    public static bool IsCounter(string name) => name == BatchCounter || name.EndsWith("." + BatchCounter, StringComparison.Ordinal);

    /// <summary>Whether two arrays are the same to the bit.</summary>
    public static bool Same(DataArray a, DataArray b) =>
        a.Type == b.Type && a.Shape.SequenceEqual(b.Shape) && a.Bytes.SequenceEqual(b.Bytes);

    /// <summary>Whether an array holds one number throughout: such arrays are equal without being shared.</summary>
    public static bool IsUniform(DataArray array)
    {
        // Shifted by one element, such bytes are themselves.
        ReadOnlySpan<byte> bytes = array.Bytes;
        int size = array.Type.Size();
        return bytes.Length <= size || bytes[size..].SequenceEqual(bytes[..^size]);
    }

    /// <summary>
    /// Whether an array of a checkpoint is another one's second name: a state dict lists a weight that several layers share once for
    /// each of them, a model once.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="array">One of its arrays.</param>
    /// <param name="known">The names that the model knows.</param>
    public static bool IsTied(Checkpoint checkpoint, DataArray array, IReadOnlySet<string> known) =>
        !IsUniform(array) && checkpoint.Tensors.Any(other => known.Contains(other.Key) && Same(other.Value, array));

    /// <summary>Whether an array can be taken over: of the shape that is wanted, and of finite numbers. If not, that is noted.</summary>
    /// <param name="name">Its name in the checkpoint.</param>
    /// <param name="array">The array.</param>
    /// <param name="shape">The shape that the model wants.</param>
    public bool Takes(string name, DataArray array, IReadOnlyList<long> shape) => Takes(name, array, shape, finite: true);

    /// <summary>Whether an array can be taken over. If not, that is noted.</summary>
    /// <param name="name">Its name in the checkpoint.</param>
    /// <param name="array">The array.</param>
    /// <param name="shape">The shape that the model wants.</param>
    /// <param name="finite">Whether its numbers must be finite; those of a mask need not.</param>
    public bool Takes(string name, DataArray array, IReadOnlyList<long> shape, bool finite)
    {
        if (!array.Shape.SequenceEqual(shape))
        {
            _shapes.Add($"{name} {Shapes.Text(array.Shape)}, the model wants {Shapes.Text(shape)}");
            return false;
        }

        string? wrong = !array.Type.IsFloat() ? $" of type {array.Type} where floating-point numbers are wanted"
            : finite ? Unusable(array) : null;
        if (wrong is not null) _values.Add($"{name}{wrong}");
        return wrong is null;
    }

    /// <summary>Notes an array whose values are wrong.</summary>
    /// <param name="problem">Its name and the problem.</param>
    public void Wrong(string problem) => _values.Add(problem);

    /// <summary>Notes an array that the checkpoint lacks.</summary>
    public void Missing(string name, IReadOnlyList<long> shape) => _missing.Add($"{name} {Shapes.Text(shape)}");

    /// <summary>Notes an array that the model does not have.</summary>
    public void Extra(string name, DataArray array) => _extra.Add($"{name} {Shapes.Text(array.Shape)}");

    /// <summary>Throws if there is a difference.</summary>
    /// <param name="hint">A sentence to add where names differ, or null.</param>
    /// <exception cref="CheckpointException">There is one.</exception>
    public void ThrowIfAny(Func<string?>? hint = null)
    {
        List<string> parts = [];
        if (_shapes.Count > 0) parts.Add($"has {Several(_shapes, "; ")}");
        if (_values.Count > 0) parts.Add($"has {Several(_values, "; ")}");
        if (_missing.Count > 0) parts.Add($"lacks {Several(_missing, ", ")}");
        if (_extra.Count > 0) parts.Add($"holds {Several(_extra, ", ")}, which the model {model} does not have");
        if (parts.Count == 0) return;
        string? more = _missing.Count > 0 || _extra.Count > 0 ? hint?.Invoke() : null;
        throw new CheckpointException($"{checkpoint} {string.Join("; it ", parts)}.{(more is null ? "" : $" {more}")}");
    }

    // Also catches a float64 that float32 cannot hold.
    private static string? Unusable(DataArray array)
    {
        ReadOnlySpan<float> values = array.Type == ElementType.Float32 ? array.Values<float>() : array.ToFloats();
        long position = FloatCheck.FirstNotFinite(values);
        if (position < 0) return null;
        List<long> index = [];
        long rest = position;
        foreach (long size in array.Shape.Reverse())
        {
            index.Insert(0, rest % size);
            rest /= size;
        }

        return $"{Shapes.Text(index)} = {values[(int)position]}, which is not a finite float32 number";
    }

    private static string Several(IReadOnlyCollection<string> items, string separator) => items.Count <= MostNamed
        ? string.Join(separator, items)
        : $"{string.Join(separator, items.Take(MostNamed))} and {items.Count - MostNamed} more";
}
