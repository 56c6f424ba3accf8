using TrakFast.Cli.Consoles;
using TrakFast.Cli.Parsing;
using TrakFast.Cli.Runs;
using TrakFast.Onnx;

namespace TrakFast.Cli.Doctor;

/// <summary>What a model is, and what memory a run with it will take, found without running it.</summary>
internal sealed class ModelCheck
{
    // Working memory of the projection and of reading examples, and what the runtime keeps of garbage.
    private const long Beside = 24L << 20;

    private const int MostNamed = 4;

    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>Examples that run at once, B.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Projection dimension k.</summary>
    public required int ProjectionDimension { get; init; }

    /// <summary>Patterns of the parameters whose gradients are wanted; none for all.</summary>
    public required IReadOnlyList<string> GradientOf { get; init; }

    /// <summary>One example's shape of inputs whose sizes the file leaves open.</summary>
    public required IReadOnlyList<NamedShape> Shapes { get; init; }

    /// <summary>The facts as a table.</summary>
    /// <exception cref="TrakException">The model cannot be read or run, or sizes are missing.</exception>
    public ToolTable ToTable()
    {
        long before = Environment.WorkingSet;
        using OnnxModel model = OnnxModel.Load(Model);
        foreach (NamedShape shape in Shapes)
        {
            if (!model.Inputs.Contains(shape.Name))
                throw new TrakException($"--shape names '{shape.Name}', which the model does not read; it reads {string.Join(", ", model.Inputs)}.");
        }

        ParameterSelection selection = ParameterSelection.Matching(model.Parameters, GradientOf);
        MemoryEstimate estimate = model.EstimateMemory(BatchSize, Shapes.ToDictionary(static s => s.Name, static s => s.Sizes, StringComparer.Ordinal), selection);
        long features = 2L * BatchSize * ProjectionDimension * sizeof(float);
        ToolTable table = new("Model", Path.GetFileName(Model));
        table.Add("Reads", string.Join(", ", model.Graph.Inputs.Select(static i => $"{i.Name} {i.ShapeText}")));
        table.Add("Yields", string.Join(", ", model.Graph.Outputs.Select(static o => $"{o.Name} {o.ShapeText}")));
        table.Add("Parameters", $"{Text.Of(model.Parameters.Count)} with {Text.Of(model.Parameters.Sum(static p => p.Length))} numbers; {Text.Of(selection.Length)} asked for");
        table.Add("Named", Names(selection));
        table.Add("Weights", ByteText.Of(estimate.Weights));
        table.Add($"Values and gradients, B = {BatchSize}", ByteText.Of(estimate.Passes));
        table.Add($"Features, k = {Text.Of(ProjectionDimension)}", ByteText.Of(features));

        // The file's arrays stay in memory beside the weights in use.
        table.Add("Process while featurizing, about", ByteText.Of(before + (2 * estimate.Weights) + estimate.Passes + features + Beside));
        return table;
    }

    // By these names a checkpoint gives their values and --gradient-of chooses among them.
    private static string Names(ParameterSelection selection)
    {
        string[] names = [.. selection.Parameters.Select(static p => p.Name)];
        return names.Length <= MostNamed ? string.Join(", ", names) : $"{string.Join(", ", names[..MostNamed])} and {Text.Of(names.Length - MostNamed)} more";
    }
}
