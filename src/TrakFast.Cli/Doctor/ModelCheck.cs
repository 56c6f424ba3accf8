using TrakFast.Cli.Arguments;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Formatting;
using TrakFast.Cli.Runs;
using TrakFast.Onnx;

namespace TrakFast.Cli.Doctor;

/// <summary>What a model is, and what memory a run with it will take, found without running it.</summary>
internal sealed class ModelCheck
{
    // The code that runs, packed factors of products, examples that are looked through, and what the runtime keeps of garbage.
    private const long Beside = 64L << 20;

    // Batches in memory at once: one in use, one being read, and two that the runtime has not collected yet.
    private const int Batches = 4;

    // Examples whose gradients SJLT holds side by side, and values of each that a layer's two factors take, laid out for products.
    private const int ProjectedExamples = 16, ProjectedValues = 2;

    // Rows of features that finalizing reads at once at most, and how often it holds them.
    private const long FeatureBlock = 2 * (32L << 20);

    private const int MostNamed = 4;

    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>A list of the model's parameters; null to find them.</summary>
    public string? Parameters { get; init; }

    /// <summary>Whether each array is listed.</summary>
    public bool Verbose { get; init; }

    /// <summary>Examples that run at once, B.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Projection dimension k.</summary>
    public required int ProjectionDimension { get; init; }

    /// <summary>Patterns of the parameters whose gradients are wanted; none for all.</summary>
    public required IReadOnlyList<string> GradientOf { get; init; }

    /// <summary>One example's shape of inputs whose sizes the file leaves open.</summary>
    public required IReadOnlyList<NamedShape> Shapes { get; init; }

    /// <summary>Finds the facts.</summary>
    /// <exception cref="TrakException">The model cannot be read or run, has no parameters, or sizes are missing.</exception>
    public ModelFacts Find()
    {
        long before = Environment.WorkingSet;
        OnnxGraph file = OnnxFile.Read(Model);
        Checkpoint own = file.ToCheckpoint(Model);
        ParameterSearch parameters = ParameterSearch.Of(file, Parameters, [(0, () => own)]);
        using OnnxModel model = new(parameters.Graph);
        foreach (NamedShape shape in Shapes)
        {
            if (!model.Inputs.Contains(shape.Name))
                throw new TrakException(
                    $"--shape names '{shape.Name}', which the model does not read; it reads {string.Join(", ", model.Inputs)}.");
        }

        ParameterSelection selection = ParameterSelection.Matching(model.Parameters, GradientOf);
        selection.RequireAny();
        MemoryEstimate estimate = model.EstimateMemory(
            BatchSize, Shapes.ToDictionary(static s => s.Name, static s => s.Sizes, StringComparer.Ordinal), selection);
        long features = 2L * BatchSize * ProjectionDimension * sizeof(float);
        ToolTable table = new("Model", Path.GetFileName(Model));
        table.Add("Reads", string.Join(", ", model.Graph.Inputs.Select(static i => $"{i.Name} {i.ShapeText}")));
        table.Add("Yields", string.Join(", ", model.Graph.Outputs.Select(static o => $"{o.Name} {o.ShapeText}")));
        table.Add(
            "Parameters",
            $"{NumberText.Of(model.Parameters.Count)} with {NumberText.Of(model.Parameters.Sum(static p => p.Length))} numbers; "
            + $"{NumberText.Of(selection.Length)} asked for");
        table.Add("Named", Names(selection));
        table.Add("Weights", ByteText.Of(estimate.Weights));
        table.Add($"Values and gradients, B = {BatchSize}", ByteText.Of(estimate.Passes));
        table.Add($"Features, k = {NumberText.Of(ProjectionDimension)}", ByteText.Of(features));

        // The file's arrays stay in memory beside the weights in use. What featurizing took is not given back before finalizing.
        long featurizing = before + (2 * estimate.Weights) + estimate.Passes + estimate.Outputs
            + features + (Batches * estimate.Inputs) + ProjectionScratch(estimate) + Beside;
        table.Add("Process while featurizing, about", ByteText.Of(featurizing));
        table.Add("Process while finalizing, at most about", ByteText.Of(featurizing + Matrices + FeatureBlock));
        return new ModelFacts(table, parameters.Lines, Verbose ? Arrays(model, selection) : null);
    }

    private static ToolTable Arrays(OnnxModel model, ParameterSelection selection)
    {
        ToolTable table = new("Array", "Shape", "Trained");
        foreach (ModelParameter p in model.Parameters)
            table.Add(p.Name, TrakFast.Shapes.Text(p.Shape), selection.Contains(p.Name) ? "yes" : "yes, not asked for");
        foreach (UntrainedArray u in model.Graph.Untrained) table.Add(u.Name, TrakFast.Shapes.Text(u.Shape), $"no: {u.Reason}");
        return table;
    }

    // ΦᵀΦ as it is summed up, and as it is factored, in float64.
    private long Matrices => 2L * ProjectionDimension * ProjectionDimension * sizeof(double);

    // For each thread; the tiles themselves stay in its cache.
    private static long ProjectionScratch(MemoryEstimate estimate) =>
        Environment.ProcessorCount * ProjectedExamples * ProjectedValues * estimate.LargestValue;

    // By these names a checkpoint gives their values and --gradient-of chooses among them.
    private static string Names(ParameterSelection selection)
    {
        string[] names = [.. selection.Parameters.Select(static p => p.Name)];
        return names.Length <= MostNamed
            ? string.Join(", ", names)
            : $"{string.Join(", ", names[..MostNamed])} and {NumberText.Of(names.Length - MostNamed)} more";
    }
}
