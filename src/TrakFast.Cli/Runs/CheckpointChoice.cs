namespace TrakFast.Cli.Runs;

/// <summary>How checkpoints are read, as it was asked for.</summary>
internal sealed record CheckpointChoice
{
    /// <summary>Where in the files the weights are; null to look for them.</summary>
    public string? WeightsKey { get; init; }

    /// <summary>Whether the model's own weights stand in for what a checkpoint does not hold.</summary>
    public bool IsPartial { get; init; }

    /// <summary>An adapter to merge into the weights; null for none.</summary>
    public string? MergeAdapter { get; init; }
}
