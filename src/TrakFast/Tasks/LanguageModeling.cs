namespace TrakFast;

/// <summary>
/// Next-token prediction: <c>language_modeling</c>. With the margin f_t = g_y − log Σ_{j≠y} e^{g_j} of each token to predict
/// and its probability p_t, f = Σ_t f_t and Q = mean_t (1 − p_t) at the temperature. The logits [B, T, V] are the model's
/// output <c>logits</c>, or its first; <see cref="NextTokens"/> says which tokens count.
/// </summary>
public sealed class LanguageModeling : ModelOutput
{
    private readonly Temperature _temperature;

    /// <summary>Creates the task.</summary>
    /// <param name="temperature">Divides the logits in Q; default 1.</param>
    /// <exception cref="TrakException">The temperature is not a positive number.</exception>
    public LanguageModeling(float temperature = 1) => _temperature = new Temperature(temperature);

    /// <inheritdoc/>
    public override string Name => "language_modeling";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["temperature"] = $"{_temperature}" };

    /// <inheritdoc/>
    public override Variable GetOutput(ModelResult result, Batch batch)
    {
        Variable logits = Logits(result);
        NextTokens next = NextTokens.Of(batch, logits.Shape);
        return Margin.Of(logits, next.Tokens).MaskedFill(next.Ignored, 0).Sum(1);
    }

    /// <inheritdoc/>
    public override (float Lowest, float Highest)? OutToLossRange => (0, 1);

    /// <inheritdoc/>
    public override Variable GetOutToLossGradient(ModelResult result, Batch batch)
    {
        Variable logits = Logits(result).Detach();
        NextTokens next = NextTokens.Of(batch, logits.Shape);
        return Mean(Margin.WrongProbability(Margin.Of(_temperature.Cool(logits), next.Tokens)), next);
    }

    /// <summary>The mean cross-entropy of each example's tokens, [B].</summary>
    /// <inheritdoc/>
    public override Variable GetLoss(ModelResult result, Batch batch)
    {
        Variable logits = Logits(result);
        NextTokens next = NextTokens.Of(batch, logits.Shape);
        return Mean(Margin.CrossEntropy(logits, next.Tokens), next);
    }

    /// <inheritdoc/>
    public override void Check(ModelResult probe, Batch arrays, long first)
    {
        IReadOnlyList<long> shape = Logits(probe).Shape;
        if (NextTokens.AreIn(arrays)) NextTokens.Of(arrays, [arrays.Size, shape[1], shape[2]], first);
    }

    private static Variable Mean(Variable each, NextTokens next) =>
        each.MaskedFill(next.Ignored, 0).Sum(1) / each.Constant(next.Counts);

    private static Variable Logits(ModelResult result)
    {
        (string name, Variable logits) = LogitsOutput.Of(result);
        return logits.Shape is [_, >= 2, >= 2]
            ? logits
            : throw new TrakException(
                "Language modeling wants logits [B, T, V] with two positions or more; "
                + $"the model's output '{name}' is {Shapes.Text(logits.Shape)}.");
    }
}
