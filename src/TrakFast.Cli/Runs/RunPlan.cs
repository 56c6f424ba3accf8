using TrakFast.Cli.Arguments;
using TrakFast.Cli.Engines;

namespace TrakFast.Cli.Runs;

/// <summary>What <c>trakfast run</c> was asked to do, as data.</summary>
internal sealed record RunPlan
{
    public required TaskPlan Task { get; init; }

    public required string Model { get; init; }

    /// <summary>Weights by model id; empty for the ones in the model's file, as model 0.</summary>
    public IReadOnlyList<CheckpointFile> Checkpoints { get; init; } = [];

    /// <summary>How the weights are read.</summary>
    public CheckpointChoice Reading { get; init; } = new();

    public required IReadOnlyList<NamedFile> Train { get; init; }

    public required IReadOnlyList<NamedFile> Target { get; init; }

    public string Experiment { get; init; } = "default";

    public required TrakOptions Options { get; init; }

    public int BatchSize { get; init; } = 32;

    public int Threads { get; init; } = Environment.ProcessorCount;

    public required EngineChoice Engine { get; init; }

    public bool Resume { get; init; }
}
