namespace TrakFast;

/// <summary>
/// <c>regression</c> under the squared error L = ½‖g − y‖². With one output for each example ([B] or [B, 1]), f = g, the
/// prediction itself, and Q = −∂L/∂f = y − g: a positive score says that the training example raises the prediction. With
/// d &gt; 1 outputs [B, d], which f has to put into one number, f = −L and Q = 1: a positive score says that the training
/// example brings the target's prediction closer to its value. The output is the model's first; values to predict are
/// [B] or [B, d], in the units of the output.
/// </summary>
/// <remarks>
/// Several outputs do not reduce to the first case: Σ g would lose which output is off, and a sum weighted by the residual
/// has the gradient of −L. There is no temperature.
/// </remarks>
public sealed class Regression : ModelOutput
{
    private readonly string _label;

    /// <summary>Creates the task.</summary>
    /// <param name="label">Name of the batch's array of values to predict, [B] or [B, d]. With one output, targets may go without.</param>
    public Regression(string label = LabelArray.Name) => _label = label;

    /// <inheritdoc/>
    public override string Name => "regression";

    /// <inheritdoc/>
    public override Variable GetOutput(ModelResult result, Batch batch)
    {
        Variable prediction = Prediction(result);
        return prediction.Shape[1] == 1 ? prediction.Reshape(-1) : -GetLoss(result, batch);
    }

    /// <inheritdoc/>
    public override Variable GetOutToLossGradient(ModelResult result, Batch batch)
    {
        Variable prediction = Prediction(result).Detach();
        Variable values = prediction.Constant(LabelArray.Values(batch, _label, prediction.Shape[1]));
        if (prediction.Shape[1] == 1) return (values - prediction).Reshape(-1);
        float[] ones = new float[batch.Size];
        Array.Fill(ones, 1);
        return prediction.Constant(DataArray.From(ones, batch.Size));
    }

    /// <summary>½‖g − y‖² of each example, [B].</summary>
    /// <inheritdoc/>
    public override Variable GetLoss(ModelResult result, Batch batch)
    {
        Variable prediction = Prediction(result);
        Variable residual = prediction - prediction.Constant(LabelArray.Values(batch, _label, prediction.Shape[1]));
        return (residual * residual).Sum(1) * 0.5f;
    }

    /// <summary>½Q² with one output. With several, Q is 1 throughout and tells nothing.</summary>
    /// <inheritdoc/>
    public override double[]? LossFromQ(ReadOnlySpan<float> outToLoss)
    {
        if (!outToLoss.ContainsAnyExcept(1f)) return null;
        double[] losses = new double[outToLoss.Length];
        for (int i = 0; i < losses.Length; i++) losses[i] = 0.5 * outToLoss[i] * outToLoss[i];
        return losses;
    }

    /// <inheritdoc/>
    public override void Check(ModelResult probe, Batch arrays, long first)
    {
        long width = Prediction(probe).Shape[1];
        if (width > 1 || arrays.TryGet(_label, out _)) LabelArray.Values(arrays, _label, width, first);
    }

    private static Variable Prediction(ModelResult result) => result.First.Shape switch
    {
        [long examples] => result.First.Reshape(examples, 1),
        [_, >= 1] => result.First,
        _ => throw new TrakException(
            "Regression wants one value or one row of values for each example, [B] or [B, d]; "
            + $"the model's output '{result.Names[0]}' is {Shapes.Text(result.First.Shape)}."),
    };
}
