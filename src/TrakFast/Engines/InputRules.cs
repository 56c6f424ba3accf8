namespace TrakFast;

/// <summary>What every engine asks of the arrays of a batch, and the sentences that say where it is not so.</summary>
public static class InputRules
{
    /// <summary>The array of a batch that a model reads.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="model">What to call the model.</param>
    /// <param name="name">The input.</param>
    /// <param name="description">What the model says of it, such as its shape; empty for nothing.</param>
    /// <exception cref="InputException">The batch lacks it.</exception>
    public static DataArray Require(Batch batch, string model, string name, string description = "") =>
        batch.TryGet(name, out DataArray? array)
            ? array
            : throw new InputException(
                $"The model {model} reads '{name}'{(description.Length == 0 ? "" : $" {description}")}, "
                + $"which the batch lacks; it has {string.Join(", ", batch.Names)}.");

    /// <summary>Refuses a value that is not finite, with the example it stands in.</summary>
    /// <param name="name">The input.</param>
    /// <param name="array">Its array, [B, …].</param>
    /// <param name="values">The same as float32.</param>
    /// <exception cref="InputException">There is one.</exception>
    public static void CheckFinite(string name, DataArray array, ReadOnlySpan<float> values)
    {
        long position = FloatCheck.FirstNotFinite(values);
        if (position < 0) return;
        long example = position / (array.Length / array.Shape[0]);
        throw new InputException($"'{name}' holds {values[(int)position]} in example {example} of the batch; every value must be finite.");
    }
}
