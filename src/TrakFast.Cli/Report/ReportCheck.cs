using TrakFast.Cli.Report.Content;

namespace TrakFast.Cli.Report;

/// <summary>Refuses numbers a report cannot show, with the place they stand in.</summary>
internal static class ReportCheck
{
    /// <summary>Checks every number of the model.</summary>
    /// <exception cref="TrakException">One is not finite.</exception>
    public static void Check(ReportModel model)
    {
        foreach (TargetReport target in model.Targets)
        {
            foreach (ScoredExample example in target.Proponents.Concat(target.Opponents))
                Finite(example.Score, $"the score of training example {example.TrainIndex} for target {target.Index}");
        }

        foreach (LdsMethod method in model.Lds?.Methods ?? [])
        {
            Finite(method.Value, $"the LDS of '{method.Name}'");
            Finite(method.Low + method.High, $"the LDS interval of '{method.Name}'");
        }

        foreach (DetectionCurve curve in model.Mislabel?.Curves ?? []) Finite(curve.Auc, $"the area under the curve of '{curve.Method}'");
        foreach (PhaseTiming phase in model.Phases) Finite(phase.Seconds, $"the time of '{phase.Name}'");
    }

    private static void Finite(double value, string what)
    {
        if (!double.IsFinite(value))
            throw new TrakException($"The report cannot be written: {what} is {value}, which is not a finite number.");
    }
}
