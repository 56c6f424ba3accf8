namespace TrakFast;

/// <summary>
/// Classification with one label for each example: f = g_y − log Σ_{j≠y} e^{g_j}, the log-odds of the right class, and
/// Q = 1 − softmax(g / temperature)_y (Park et al. 2023, §3.1 and eq. 10; the temperature enters Q alone). The logits
/// [B, classes] are the model's output <c>logits</c>, or its first where none has that name.
/// </summary>
public abstract class Classification : ModelOutput
{
    private readonly string _name;
    private readonly Temperature _temperature;
    private readonly string _label;

    private protected Classification(string name, float temperature, string label) =>
        (_name, _temperature, _label) = (name, new Temperature(temperature), label);

    /// <inheritdoc/>
    public override string Name => _name;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["temperature"] = $"{_temperature}" };

    /// <inheritdoc/>
    public override Variable GetOutput(ModelResult result, Batch batch)
    {
        Variable logits = Logits(result);
        return Margin.Of(logits, LabelArray.Classes(batch, _label, logits.Shape[1]));
    }

    /// <inheritdoc/>
    public override (float Lowest, float Highest)? OutToLossRange => (0, 1);

    /// <inheritdoc/>
    public override Variable GetOutToLossGradient(ModelResult result, Batch batch)
    {
        Variable logits = Logits(result).Detach();
        return Margin.WrongProbability(Margin.Of(_temperature.Cool(logits), LabelArray.Classes(batch, _label, logits.Shape[1])));
    }

    /// <summary>The cross-entropy −log p_y of each example, [B].</summary>
    /// <inheritdoc/>
    public override Variable GetLoss(ModelResult result, Batch batch)
    {
        Variable logits = Logits(result);
        return Margin.CrossEntropy(logits, LabelArray.Classes(batch, _label, logits.Shape[1]));
    }

    /// <summary>−log(1 − Q) at temperature 1; at another, Q is of another softmax and does not tell p.</summary>
    /// <inheritdoc/>
    public override double[]? LossFromQ(ReadOnlySpan<float> outToLoss) => _temperature.Value == 1 ? Margin.Losses(outToLoss) : null;

    /// <inheritdoc/>
    public override void Check(ModelResult probe, Batch arrays, long first) =>
        LabelArray.Classes(arrays, _label, Logits(probe).Shape[1], first);

    private static Variable Logits(ModelResult result)
    {
        (string name, Variable logits) = LogitsOutput.Of(result);
        return logits.Shape.Count == 2 && logits.Shape[1] >= 2
            ? logits
            : throw new TrakException(
                "Classification wants logits [B, classes] with two classes or more; "
                + $"the model's output '{name}' is {Shapes.Text(logits.Shape)}.");
    }
}
