using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Which stored arrays are parameters, among those from which a gradient flows to an output. ONNX does not say, and
/// exporters store constants in the same way. A constant among the parameters would add coordinates to the gradient that
/// the model does not have, and ask every checkpoint for a value nobody saved. So:
/// 1. What the exporter says of an array holds (newer ones do).
/// 2. An array whose name is the model's own is a parameter, unless its numbers and its use show that it was not trained
///    (<see cref="BufferClues"/>).
/// 3. An array whose name the exporter made up is a parameter where a layer reads it as its weight or bias: weights that
///    the exporter transposed, cut or merged lose their names. The vector added to a product with a stored matrix is a
///    layer's bias too; ones as a normalization's scale and zeros as its bias fill in for a layer that has none.
/// 4. Read by something else, as beside an Add, Mul or Where, such an array is a constant, unless it is called
///    <c>onnx::…</c>, <c>val_…</c> or <c>embedding_…</c>: so exporters name what they worked out of stored arrays, nearly
///    always weights (of 340 exported networks some 30 had such weights beside an Add or Mul, 4 such buffers). One number
///    throughout, such as a mask's zeros, is a constant there as well, and so is what rule 2 takes for untrained.
/// 5. Some exporters (Paddle's) keep weights in Constant nodes. Where a layer reads such an array, or adds it to or multiplies it
///    with what it has just made, and its name is not made up, it is a parameter; where the file has no parameters otherwise,
///    every array of that kind with an own name is, and every one that a layer reads.
/// </summary>
internal sealed class ParameterRule
{
    private readonly LayerReads _layers;
    private readonly BufferClues _clues;

    private ParameterRule(
        IReadOnlyList<Initializer> initializers, IReadOnlyList<GraphValue> inputs, IReadOnlyList<GraphValue> outputs,
        IReadOnlyList<GraphNode> nodes)
    {
        ArrayUses uses = new(initializers, nodes);
        _layers = new LayerReads(uses);
        _clues = new BufferClues(uses, _layers, inputs, outputs, nodes);
    }

    /// <summary>Judges a graph's arrays by what the file holds.</summary>
    /// <param name="initializers">Stored arrays, those of Constant nodes included.</param>
    /// <param name="inputs">What a batch brings.</param>
    /// <param name="outputs">What the network yields.</param>
    /// <param name="nodes">Operations.</param>
    /// <param name="reached">Names from which a gradient path leads to an output.</param>
    public static ParameterChoice Choose(
        IReadOnlyList<Initializer> initializers, IReadOnlyList<GraphValue> inputs, IReadOnlyList<GraphValue> outputs,
        IReadOnlyList<GraphNode> nodes, IReadOnlySet<string> reached)
    {
        ParameterRule rule = new(initializers, inputs, outputs, nodes);
        ParameterChoice choice = new();
        foreach (Initializer array in initializers.Where(i => !i.Constant && i.Values.Type.IsFloat() && reached.Contains(i.Name)))
        {
            if (rule.WhyNot(array) is not { } why) choice.Trained.Add(array.Name);
            else choice.Untrained.Add(new UntrainedArray(array.Name, array.Values.Shape, why.Clue, why.Reason));
        }

        bool onlyConstants = choice.Trained.Count == 0;
        foreach (Initializer array in initializers.Where(
            i => i.Constant && i.Values.Type.IsFloat() && i.Values.Length > 1 && reached.Contains(i.Name)))
        {
            bool made = GeneratedNames.Contains(array.Name);
            bool weight = made ? onlyConstants && rule._layers.IsLayers(array.Name, array.Values)
                : onlyConstants || rule._layers.IsBesideLayer(array.Name, array.Values);
            if (weight && rule._clues.Of(array.Name, array.Values) is null) choice.Trained.Add(array.Name);
        }

        return choice;
    }

    /// <summary>Why an array is not trained, judged by other numbers than the file's; null where nothing says so any more.</summary>
    /// <param name="graph">The graph.</param>
    public static Func<string, DataArray, (UntrainedClue Clue, string Reason)?> ByNumbers(OnnxGraph graph) =>
        new ParameterRule(graph.Initializers, graph.Inputs, graph.Outputs, graph.Nodes)._clues.Of;

    private (UntrainedClue Clue, string Reason)? WhyNot(Initializer array)
    {
        if (array.Trained is { } said) return said ? null : (UntrainedClue.Exporter, "a buffer, as the exporter says");
        if (GeneratedNames.Contains(array.Name) && !_layers.IsLayers(array.Name, array.Values) && !IsWorkedOut(array))
            return (UntrainedClue.Exporter, "a constant that the exporter made");
        return _clues.Of(array.Name, array.Values);
    }

    private static bool IsWorkedOut(Initializer array) =>
        GeneratedNames.IsWorkedOut(array.Name) && !CheckpointDifferences.IsUniform(array.Values);
}

/// <summary>Which of a graph's arrays are parameters, and which are not though a gradient reaches them.</summary>
internal sealed class ParameterChoice
{
    /// <summary>Names of the parameters.</summary>
    public HashSet<string> Trained { get; } = new(StringComparer.Ordinal);

    /// <summary>The others, in the file's order.</summary>
    public List<UntrainedArray> Untrained { get; } = [];
}
