namespace TrakFast.Onnx.Programs;

/// <summary>
/// A graph made executable for inputs of given shapes and any number of examples: values by their slots, and the steps that make
/// them in order. Shapes are those of one example.
/// </summary>
public sealed class GraphProgram
{
    private readonly Program _program;

    internal GraphProgram(Program program)
    {
        _program = program;
        Values = [.. program.Values.Select(v => new ProgramValue(v, program.Graph))];
        Steps = [.. program.Steps.Select(static s => new GraphStep(s))];
    }

    /// <summary>The graph.</summary>
    public OnnxGraph Graph => _program.Graph;

    /// <summary>Every value by its slot.</summary>
    public IReadOnlyList<ProgramValue> Values { get; }

    /// <summary>What runs, each behind those whose values it reads.</summary>
    public IReadOnlyList<GraphStep> Steps { get; }

    /// <summary>Slots of the graph's inputs.</summary>
    public IReadOnlyList<int> Inputs => _program.Inputs;

    /// <summary>Slots of the graph's outputs.</summary>
    public IReadOnlyList<int> Outputs => _program.Outputs;

    /// <summary>The outputs' names.</summary>
    public IReadOnlyList<string> OutputNames => _program.OutputNames;

    /// <summary>An output's shape for a batch: each example's own part behind the examples' axis; what all share as it is.</summary>
    /// <param name="output">Which output.</param>
    /// <param name="batch">Number of examples B.</param>
    /// <exception cref="TrakException">The output's examples lie elsewhere, or it depends on their number.</exception>
    public IReadOnlyList<long> OutputShape(int output, int batch) => _program.OutputShape(output, batch);

    /// <summary>Reads one of the graph's inputs from a batch as float32.</summary>
    /// <param name="input">Which input.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="destination">B times the value's length.</param>
    /// <exception cref="InputException">It holds a number that is not finite, or a whole number too large for float32.</exception>
    public void ReadInput(int input, Batch batch, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(batch);
        GraphValue declared = Graph.Inputs[input];
        InputReader.Read(declared, batch[declared.Name], destination);
    }

    /// <summary>Which values and inputs lie on the way of gradients to given parameters.</summary>
    /// <param name="selection">The parameters.</param>
    public GradientPaths PathsTo(ParameterSelection selection) => new(_program.For(selection));
}
