using System.Globalization;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Report;
using TrakFast.Evaluation;
using TrakFast.Kernels;

namespace TrakFast.Cli.Evaluations;

/// <summary>What an evaluation found, for the console and for the report.</summary>
internal sealed record EvaluationResult
{
    /// <summary>LDS by method.</summary>
    public required IReadOnlyList<MethodLds> Methods { get; init; }

    /// <summary>The LDS a perfect predictor would reach, or null where each subset was trained on once.</summary>
    public required double? Ceiling { get; init; }

    /// <summary>Detection of wrong labels by method; empty where it is not known which are wrong.</summary>
    public required IReadOnlyList<(string Method, MislabelDetection Detection)> Detections { get; init; }

    /// <summary>Measures everything.</summary>
    public static EvaluationResult Measure(
        TrakStore store, IKernelBackend backend, string experiment, Lambda lambda, Subsets subsets, RetrainingMargins margins, bool[]? mislabeled, CancellationToken cancellationToken)
    {
        MethodComparison comparison = new(store, backend, experiment);
        return new EvaluationResult
        {
            Methods = comparison.Measure(lambda, subsets, margins, cancellationToken),
            Ceiling = margins.Repeats > 1 ? margins.Reliability().Ceiling : null,
            Detections = mislabeled is null
                ? []
                : [.. comparison.Suspicions(lambda, cancellationToken).Select(s => (s.Method, MislabelDetection.Compute(s.Suspicion, mislabeled)))],
        };
    }

    /// <summary>A table of the LDS by method.</summary>
    public ToolTable ToTable()
    {
        ToolTable table = new("Method", "LDS", "95 % interval", "Of the ceiling");
        foreach (MethodLds method in Methods)
        {
            if (method.Lds is { } lds) table.Add(method.Name, Digits(lds.Mean), $"{Digits(lds.Low)} to {Digits(lds.High)}", Ceiling is > 0 ? Percent(lds.Mean / Ceiling.Value) : string.Empty);
            else table.Add(method.Name, "–", "needs k ≤ n", string.Empty);
        }

        if (Ceiling is { } ceiling) table.Add("ceiling (split halves)", Digits(ceiling), string.Empty, string.Empty);
        return table;
    }

    /// <summary>A table of how wrong labels are found, by method.</summary>
    public ToolTable ToMislabelTable()
    {
        ToolTable table = new("Wrong labels by", "AUC", "Found in the first 10 %", "Found in the first 20 %");
        foreach ((string method, MislabelDetection detection) in Detections)
        {
            IReadOnlyList<DetectionPoint> curve = detection.Curve(11);
            table.Add(method, Digits(detection.RocAuc), Percent(curve[1].Found), Percent(curve[2].Found));
        }

        return table;
    }

    /// <summary>The LDS section of a report.</summary>
    public LdsReport ToLdsReport(string protocol) =>
        new([.. Methods.Where(static m => m.Lds is not null).Select(static m => new LdsMethod(m.Name, m.Lds!.Mean, m.Lds.Low, m.Lds.High, m.IsOwn))])
        {
            Ceiling = Ceiling,
            Protocol = protocol,
        };

    /// <summary>The section on wrong labels of a report, or null where it is not known which are wrong.</summary>
    public MislabelReport? ToMislabelReport() => Detections.Count == 0
        ? null
        : new MislabelReport([.. Detections.Select(static d => new DetectionCurve(
            d.Method,
            d.Detection.Curve(),
            d.Detection.RocAuc))])
        {
            WrongLabels = Detections[0].Detection.Mislabeled,
        };

    private static string Digits(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private static string Percent(double value) => value.ToString("P0", CultureInfo.InvariantCulture);
}
