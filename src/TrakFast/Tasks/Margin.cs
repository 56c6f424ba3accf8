namespace TrakFast;

/// <summary>
/// The margin of the right answer and what follows from it (Park et al. 2023, §3.1): with p the probability of the right
/// answer, f = log p/(1 − p), the loss is −log p = log(1 + e⁻ᶠ), and −∂L/∂f = 1 − p.
/// </summary>
internal static class Margin
{
    /// <summary>f = g_y − log Σ_{j≠y} e^{g_j} along the last axis: [B, classes] to [B], or [B, T, V] to [B, T].</summary>
    /// <param name="logits">[…, classes].</param>
    /// <param name="labels">The right class of each row, […, 1].</param>
    public static Variable Of(Variable logits, DataArray labels)
    {
        int last = logits.Shape.Count - 1;
        return logits.Gather(last, labels).Reshape([.. logits.Shape.Take(last)]) - logits.LogSumExp(last, labels);
    }

    /// <summary>1 − p, straight from the margin, so that it keeps its digits where p is close to 1.</summary>
    public static Variable WrongProbability(Variable margin) => (-margin).Sigmoid();

    /// <summary>−log p = log(e⁰ + e⁻ᶠ) for each element of [B], which overflows nowhere.</summary>
    public static Variable Loss(Variable margin) =>
        (margin.Reshape(-1, 1) * margin.Constant(DataArray.From([0f, -1f], 2))).LogSumExp(1);

    /// <summary>−log p along the last axis, without the detour over the margin.</summary>
    public static Variable CrossEntropy(Variable logits, DataArray labels)
    {
        int last = logits.Shape.Count - 1;
        return logits.LogSumExp(last) - logits.Gather(last, labels).Reshape([.. logits.Shape.Take(last)]);
    }

    /// <summary>
    /// −log p for each 1 − p, which float32 may have rounded to 1 where p is all but 0: then 103, a little more than any
    /// other.
    /// </summary>
    /// <param name="wrongProbability">1 − p of each example, [n].</param>
    public static double[] Losses(ReadOnlySpan<float> wrongProbability)
    {
        double[] losses = new double[wrongProbability.Length];
        for (int i = 0; i < losses.Length; i++) losses[i] = -Math.Log(Math.Max(1 - wrongProbability[i], float.Epsilon));
        return losses;
    }
}
