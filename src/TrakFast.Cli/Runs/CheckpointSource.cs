using TrakFast.Cli.Arguments;
using TrakFast.Cli.Consoles;
using TrakFast.Onnx;

namespace TrakFast.Cli.Runs;

/// <summary>A run's checkpoints, read when they are wanted; what was decided about each is said once.</summary>
/// <param name="plan">What the run was asked to do.</param>
/// <param name="graph">The network.</param>
/// <param name="console">Where it is said.</param>
internal sealed class CheckpointSource(RunPlan plan, OnnxGraph graph, ToolConsole console)
{
    private readonly HashSet<int> _told = [];
    private LoraAdapter? _adapter;

    /// <summary>The checkpoints by model id. Those of a run's files are read anew whenever they are asked for.</summary>
    public IReadOnlyList<(int ModelId, Func<Checkpoint> Load)> List()
    {
        if (plan.Reading.MergeAdapter is { } adapter) _adapter = LoraAdapter.Read(adapter);
        if (plan.Checkpoints.Count > 1)
        {
            ToolTable table = new("Model", "Checkpoint");
            foreach (CheckpointFile file in plan.Checkpoints) table.Add($"{file.ModelId}", file.Path);
            console.Table(table);
        }

        if (plan.Checkpoints.Count > 0)
            return [.. plan.Checkpoints.Select(file => (file.ModelId, (Func<Checkpoint>)(() => Load(file))))];
        Checkpoint inFile = _adapter is null ? graph.ToCheckpoint(plan.Model) : Told(0, Merged(graph.ToStateDict(plan.Model)));
        return [(0, () => inFile)];
    }

    private Checkpoint Load(CheckpointFile file)
    {
        if (CheckpointPaths.IsPattern(file.Path)) throw new TrakException($"{file.Path} matches no file.");
        Checkpoint read = CheckpointReader.Read(file.Path, plan.Reading.WeightsKey);
        return Told(file.ModelId, graph.Fit(Merged(read), plan.Reading.IsPartial));
    }

    private Checkpoint Merged(Checkpoint checkpoint) => _adapter?.MergeInto(checkpoint) ?? checkpoint;

    private Checkpoint Told(int modelId, Checkpoint checkpoint)
    {
        if (_told.Add(modelId) && checkpoint.Notes.Count > 0) console.Line($"{checkpoint.Name}: {string.Join("; ", checkpoint.Notes)}.");
        return checkpoint;
    }
}
