namespace TrakFast;

/// <summary>
/// <c>binary_classification</c>, with one logit g for each example: f = (2y − 1)·g, the log-odds log p/(1 − p) of the right
/// answer, and Q = 1 − p = 1 − σ(f / temperature). The model's output <c>logits</c>, or its first, is [B] or [B, 1]; labels
/// are 0 or 1, [B].
/// </summary>
public sealed class BinaryClassification : ModelOutput
{
    private readonly Temperature _temperature;
    private readonly string _label;

    /// <summary>Creates the task.</summary>
    /// <param name="temperature">Divides the logit in Q; default 1.</param>
    /// <param name="label">Name of the batch's array of labels, 0 or 1, [B].</param>
    /// <exception cref="TrakException">The temperature is not a positive number.</exception>
    public BinaryClassification(float temperature = 1, string label = LabelArray.Name) =>
        (_temperature, _label) = (new Temperature(temperature), label);

    /// <inheritdoc/>
    public override string Name => "binary_classification";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["temperature"] = $"{_temperature}" };

    /// <inheritdoc/>
    public override Variable GetOutput(ModelResult result, Batch batch)
    {
        Variable logit = Logit(result);
        return logit * logit.Constant(LabelArray.Signs(batch, _label));
    }

    /// <inheritdoc/>
    public override (float Lowest, float Highest)? OutToLossRange => (0, 1);

    /// <inheritdoc/>
    public override Variable GetOutToLossGradient(ModelResult result, Batch batch) =>
        Margin.WrongProbability(_temperature.Cool(GetOutput(result, batch).Detach()));

    /// <summary>The cross-entropy log(1 + e⁻ᶠ) of each example, [B].</summary>
    /// <inheritdoc/>
    public override Variable GetLoss(ModelResult result, Batch batch) => Margin.Loss(GetOutput(result, batch));

    /// <summary>log(1 + e⁻ᶠ) of f = temperature · log((1 − Q)/Q), since one logit is all there is to divide.</summary>
    /// <inheritdoc/>
    public override double[]? LossFromQ(ReadOnlySpan<float> outToLoss)
    {
        double[] losses = Margin.Losses(outToLoss);
        if (_temperature.Value == 1) return losses;
        for (int i = 0; i < losses.Length; i++)
        {
            double margin = -_temperature.Value * (losses[i] + Math.Log(Math.Max(outToLoss[i], float.Epsilon)));
            losses[i] = Math.Max(-margin, 0) + Math.Log(1 + Math.Exp(-Math.Abs(margin)));
        }

        return losses;
    }

    /// <inheritdoc/>
    public override void Check(ModelResult probe, Batch arrays, long first)
    {
        Logit(probe);
        LabelArray.Signs(arrays, _label, first);
    }

    private static Variable Logit(ModelResult result)
    {
        (string name, Variable logit) = LogitsOutput.Of(result);
        return logit.Shape is [_] or [_, 1]
            ? logit.Reshape(-1)
            : throw new TrakException(
                $"Binary classification wants one logit for each example, [B] or [B, 1]; the model's output '{name}' is "
                + $"{Shapes.Text(logit.Shape)}. With a logit for each class, use image_classification or text_classification.");
    }
}
