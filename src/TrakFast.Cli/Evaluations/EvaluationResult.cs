using System.Globalization;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Report.Content;
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
    public required IReadOnlyList<MethodDetection> Detections { get; init; }

    /// <summary>Measures everything, over the checkpoints of the experiment's final scores or all where it has none.</summary>
    public static EvaluationResult Measure(
        TrakStore store, IKernelBackend backend, string experiment, Lambda lambda, Subsets subsets, RetrainingMargins margins,
        bool[]? mislabeled, CancellationToken cancellationToken)
    {
        MethodComparison comparison = new(store, backend, experiment, subsets, margins);
        return new EvaluationResult
        {
            Methods = comparison.Measure(lambda, cancellationToken),
            Ceiling = margins.Repeats > 1 ? margins.Reliability().Ceiling : null,
            Detections = mislabeled is null
                ? []
                : new MislabelComparison(store, backend, comparison.ModelIds).Measure(lambda, mislabeled, cancellationToken),
        };
    }

    /// <summary>The same with further methods below those of TrakFast's own.</summary>
    public EvaluationResult With(IEnumerable<MethodLds> more) =>
        this with { Methods = [.. Methods.Where(static m => m.IsOwn), .. more, .. Methods.Where(static m => !m.IsOwn)] };

    /// <summary>A table of the LDS by method.</summary>
    public ToolTable ToTable()
    {
        ToolTable table = new("Method", "LDS", "95 % interval", "Of the ceiling");
        foreach (MethodLds method in Methods)
        {
            if (method.Lds is { } lds)
            {
                string share = Ceiling is > 0 ? Percent(lds.Mean / Ceiling.Value) : string.Empty;
                table.Add(method.Name, Digits(lds.Mean), $"{Digits(lds.Low)} to {Digits(lds.High)}", share);
            }
            else table.Add(method.Name, "–", "ΦᵀΦ is singular", string.Empty);
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
        new([.. Methods.Where(static m => m.Lds is not null)
            .Select(static m => new LdsMethod(m.Name, m.Lds!.Mean, m.Lds.Low, m.Lds.High, m.IsOwn))])
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
