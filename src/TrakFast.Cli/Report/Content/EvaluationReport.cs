using TrakFast.Evaluation;

namespace TrakFast.Cli.Report.Content;

/// <summary>Linear datamodeling scores of several methods on the same retrained models.</summary>
/// <param name="Methods">Methods, in the order they are shown.</param>
internal sealed record LdsReport(IReadOnlyList<LdsMethod> Methods)
{
    /// <summary>LDS a perfect predictor would reach, as split-half reliability says; null when not measured.</summary>
    public double? Ceiling { get; init; }

    /// <summary>How it was measured, in one sentence.</summary>
    public string? Protocol { get; init; }
}

/// <summary>One method's LDS with its bootstrap interval.</summary>
/// <param name="Name">The method.</param>
/// <param name="Value">Mean LDS over targets.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="IsOwn">Whether it is the method of this run, which is drawn in color.</param>
internal sealed record LdsMethod(string Name, double Value, double Low, double High, bool IsOwn = false);

/// <summary>How fast wrong labels turn up when the train set is inspected in a method's order.</summary>
/// <param name="Curves">One curve a method; the first is drawn strongest.</param>
internal sealed record MislabelReport(IReadOnlyList<DetectionCurve> Curves)
{
    /// <summary>How many labels are wrong, when known.</summary>
    public long? WrongLabels { get; init; }
}

/// <summary>One method's detection curve.</summary>
/// <param name="Method">The method.</param>
/// <param name="Points">From (0, 0) to (1, 1), in the order of inspection.</param>
/// <param name="Auc">Area under the curve.</param>
internal sealed record DetectionCurve(string Method, IReadOnlyList<DetectionPoint> Points, double Auc);
