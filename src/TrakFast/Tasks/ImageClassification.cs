using System.Globalization;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// Classification with one label for each example: f = g_y − log Σ_{j≠y} e^{g_j}, the log-odds of the right class, and
/// Q = 1 − softmax(g / temperature)_y (Park et al. 2023, §3.1 and eq. 10; the temperature enters Q alone).
/// </summary>
public sealed class ImageClassification : ModelOutput
{
    private readonly float _temperature;
    private readonly string _label;

    /// <summary>Creates the task.</summary>
    /// <param name="temperature">Divides the logits in Q; default 1.</param>
    /// <param name="label">Name of the batch's array of labels, whole numbers [B].</param>
    /// <exception cref="TrakException">The temperature is not a positive number.</exception>
    public ImageClassification(float temperature = 1, string label = "label")
    {
        if (!(temperature > 0) || float.IsInfinity(temperature))
            throw new TrakException($"The temperature must be a positive number; it is {temperature}.");
        _temperature = temperature;
        _label = label;
    }

    /// <inheritdoc/>
    public override string Name => _temperature == 1 ? "image_classification" : $"image_classification (temperature {_temperature.ToString(CultureInfo.InvariantCulture)})";

    /// <inheritdoc/>
    public override Variable GetOutput(ModelResult result, Batch batch)
    {
        Variable logits = Logits(result);
        DataArray labels = Labels(batch, logits);
        Variable others = logits.MaskedFill(OneHot(labels, logits.Shape[1]), float.NegativeInfinity).LogSumExp(1);
        return logits.Gather(1, labels).Reshape(-1) - others;
    }

    /// <inheritdoc/>
    public override Variable GetOutToLossGradient(ModelResult result, Batch batch)
    {
        Variable logits = Logits(result).Detach();
        return 1 - (logits / _temperature).Softmax(1).Gather(1, Labels(batch, logits)).Reshape(-1);
    }

    /// <inheritdoc/>
    public override void Check(ModelResult probe, Batch arrays) => Labels(arrays, Logits(probe));

    private static Variable Logits(ModelResult result)
    {
        Variable logits = result.First;
        return logits.Shape.Count == 2 && logits.Shape[1] >= 2
            ? logits
            : throw new TrakException($"Classification wants logits [B, classes] with two classes or more; the model's output '{result.Names[0]}' is {Shapes.Text(logits.Shape)}.");
    }

    private DataArray Labels(Batch batch, Variable logits)
    {
        DataArray labels = batch[_label];
        if (labels.Length != batch.Size || labels.Type.IsFloat())
            throw new TrakException($"'{_label}' is {labels}; one whole number for each example is wanted, [{batch.Size}].");
        long[] values = labels.ToLongs();
        long classes = logits.Shape[1];
        int wrong = Array.FindIndex(values, v => v < 0 || v >= classes);
        if (wrong >= 0)
            throw new TrakException($"'{_label}' holds {values[wrong]} (example {wrong}); the model has {classes} classes, numbered from 0.");
        return DataArray.From(values, values.Length, 1);
    }

    private static DataArray OneHot(DataArray labels, long classes)
    {
        ReadOnlySpan<long> values = labels.Values<long>();
        bool[] mask = new bool[values.Length * classes];
        for (int i = 0; i < values.Length; i++) mask[(i * classes) + values[i]] = true;
        return DataArray.From(mask, values.Length, classes);
    }
}
