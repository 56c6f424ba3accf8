using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Reads the labels of a batch, each checked, so that a wrong one is named instead of learned from.</summary>
internal static class LabelArray
{
    /// <summary>What the tasks that ship call their labels.</summary>
    public const string Name = "label";

    /// <summary>One class for each example, [B, 1].</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="name">Name of the array, whole numbers [B].</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="first">What errors add to an example's place.</param>
    /// <exception cref="InputException">The array is missing or of another kind, or a class is out of range.</exception>
    public static DataArray Classes(Batch batch, string name, long classes, long first = 0)
    {
        DataArray labels = batch[name];
        if (labels.Length != batch.Size || labels.Type.IsFloat())
            throw new InputException($"'{name}' is {labels}; one whole number for each example is wanted, [{batch.Size}].");
        DataArray column =
            (labels.Type == ElementType.Int64 ? labels : DataArray.From(labels.ToLongs(), batch.Size)).Reshape(batch.Size, 1);
        ReadOnlySpan<long> values = column.Values<long>();
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] < 0 || values[i] >= classes)
                throw new InputException(
                    $"'{name}' holds {values[i]} (example {first + i}); the model has {classes} classes, numbered from 0.");
        }

        return column;
    }

    /// <summary>+1 for the label 1 and −1 for the label 0, [B]; labels may be whole numbers, truth values or floating-point.</summary>
    /// <exception cref="InputException">The array is missing or of another shape, or a label is neither.</exception>
    public static DataArray Signs(Batch batch, string name, long first = 0)
    {
        DataArray labels = batch[name];
        if (labels.Length != batch.Size)
            throw new InputException($"'{name}' is {labels}; one label for each example is wanted, [{batch.Size}].");
        float[] values = labels.ToFloats();
        int wrong = Array.FindIndex(values, static v => v is not (0 or 1));
        if (wrong >= 0) throw new InputException($"'{name}' holds {values[wrong]} (example {first + wrong}); a binary label is 0 or 1.");
        return DataArray.From([.. values.Select(static v => (2 * v) - 1)], batch.Size);
    }

    /// <summary>Values to predict, [B, d].</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="name">Name of the array, numbers [B] or [B, d].</param>
    /// <param name="width">d.</param>
    /// <param name="first">What errors add to an example's place.</param>
    /// <exception cref="InputException">The array is missing or of another shape, or a value is not finite.</exception>
    public static DataArray Values(Batch batch, string name, long width, long first = 0)
    {
        DataArray labels = batch[name];
        if (labels.Length != batch.Size * width || labels.Shape.Count > 2)
            throw new InputException($"'{name}' is {labels}; {(width == 1 ? $"one value for each example is wanted, [{batch.Size}]" : $"{width} values for each example are wanted, [{batch.Size}, {width}]")}.");
        float[] values = labels.ToFloats();
        int wrong = Array.FindIndex(values, static v => !float.IsFinite(v));
        if (wrong >= 0)
            throw new InputException($"'{name}' holds {values[wrong]} (example {first + (wrong / width)}); every value must be finite.");
        return DataArray.From(values, batch.Size, width);
    }
}
