namespace TrakFast.Cli.Report.Content;

/// <summary>Everything a report shows, as plain data. Sections without data are left out.</summary>
internal sealed record ReportModel
{
    /// <summary>Heading of the report and title of its window.</summary>
    public required string Title { get; init; }

    /// <summary>One sentence under the title; null for the usual one.</summary>
    public string? Subtitle { get; init; }

    /// <summary>What was run.</summary>
    public required RunFacts Run { get; init; }

    /// <summary>The targets chosen to be shown.</summary>
    public IReadOnlyList<TargetReport> Targets { get; init; } = [];

    /// <summary>Scores of all training examples for all targets.</summary>
    public ScoreDistribution? Distribution { get; init; }

    /// <summary>How well the scores predict retraining.</summary>
    public LdsReport? Lds { get; init; }

    /// <summary>How well wrong labels are found.</summary>
    public MislabelReport? Mislabel { get; init; }

    /// <summary>Where the time went.</summary>
    public IReadOnlyList<PhaseTiming> Phases { get; init; } = [];
}

/// <summary>What was run, in the words of the command line. There is no date: equal runs give equal reports.</summary>
internal sealed record RunFacts
{
    /// <summary>Task: <c>image_classification</c>.</summary>
    public required string Task { get; init; }

    /// <summary>Model file or name.</summary>
    public required string Model { get; init; }

    /// <summary>Checkpoints, in the order of their model ids.</summary>
    public IReadOnlyList<string> Checkpoints { get; init; } = [];

    /// <summary>Train size n.</summary>
    public required long TrainSize { get; init; }

    /// <summary>Number of targets m.</summary>
    public required long TargetCount { get; init; }

    /// <summary>Projection dimension k.</summary>
    public required int ProjectionDimension { get; init; }

    /// <summary>Projection: <c>rademacher</c>.</summary>
    public required string Projection { get; init; }

    /// <summary>λ with its kind: <c>1 (relative)</c>.</summary>
    public required string Lambda { get; init; }

    /// <summary>Weighting: <c>trak</c> or <c>loss</c>.</summary>
    public required string Weighting { get; init; }

    /// <summary>Scaling: <c>unit</c> or <c>trak</c>.</summary>
    public required string Scaling { get; init; }

    /// <summary>Seed of the projection.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Engine that took the gradients.</summary>
    public required string Engine { get; init; }

    /// <summary>Kernel backend that did the arithmetic.</summary>
    public required string Backend { get; init; }

    /// <summary>Further facts, name and value, shown after these.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> More { get; init; } = [];
}

/// <summary>Time one phase took.</summary>
/// <param name="Name">The phase: <c>featurize</c>.</param>
/// <param name="Seconds">Wall-clock seconds.</param>
/// <param name="Examples">Examples it went through; null when it is not counted in examples.</param>
internal sealed record PhaseTiming(string Name, double Seconds, long? Examples = null);
