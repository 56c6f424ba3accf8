using TrakFast.Cli.Arguments;
using TrakFast.Cli.Data;
using TrakFast.Cli.Engines;

namespace TrakFast.Cli.Runs;

/// <summary>What <c>trakfast run</c> was asked to do, as data.</summary>
internal sealed record RunPlan
{
    public required TaskPlan Task { get; init; }

    public required string Model { get; init; }

    /// <summary>A list of the model's parameters; null to find them.</summary>
    public string? Parameters { get; init; }

    /// <summary>Weights by model id; empty for the ones in the model's file, as model 0.</summary>
    public IReadOnlyList<CheckpointFile> Checkpoints { get; init; } = [];

    /// <summary>How the weights are read.</summary>
    public CheckpointChoice Reading { get; init; } = new();

    public required ExampleFiles Train { get; init; }

    public required ExampleFiles Target { get; init; }

    /// <summary>How rows become examples.</summary>
    public DataChoice Data { get; init; } = new();

    public string Experiment { get; init; } = "default";

    public required TrakOptions Options { get; init; }

    public int BatchSize { get; init; } = 32;

    public int Threads { get; init; } = Environment.ProcessorCount;

    public required EngineChoice Engine { get; init; }

    public bool Resume { get; init; }
}
