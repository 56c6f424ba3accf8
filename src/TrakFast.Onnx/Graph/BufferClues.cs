using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Tells arrays that were not trained from those that were, where the exporter does not say. Each row of the table names what the
/// numbers are and how they enter the graph; a name adds to that and never decides.
/// <list type="table">
/// <listheader><term>clue</term><description>numbers; use; name</description></listheader>
/// <item><term>running statistics</term><description>any; no layer's weight; <c>running_mean</c>, <c>running_var</c></description></item>
/// <item><term>not finite</term><description>an infinity, 1e30 and more, or −9999 and less throughout; no layer's weight;
/// any</description></item>
/// <item><term>mask</term><description>only 0 and 1, or 0 and ±50 or more; no layer's weight but a table's rows; any</description></item>
/// <item><term>sines</term><description>a table of sines and cosines; no layer's weight but a table's rows; any</description></item>
/// <item><term>kernel</term><description>the same in each of several channels; a convolution's weight; any</description></item>
/// <item><term>count</term><description>0, 1, 2, …; any; any</description></item>
/// <item><term>steps</term><description>rows in equal steps; no layer's weight; any</description></item>
/// <item><term>distances</term><description>the same along each diagonal (of an array that the exporter named, slopes times the
/// distance); no layer's weight; any</description></item>
/// <item><term>offsets</term><description>backwards the same with the sign changed; no convolution's weight; any</description></item>
/// <item><term>frequencies</term><description>a geometric series, or equal steps along a row or column; goes into sines and
/// nothing else; any</description></item>
/// <item><term>slopes</term><description>a geometric series; multiplies what no input and no weight is in; any</description></item>
/// <item><term>input's normalization</term><description>any; (x − m) / s on the input; means and deviations where it is
/// (x − m) · s, or y · s + m at the output</description></item>
/// </list>
/// </summary>
internal sealed class BufferClues
{
    private readonly ArrayUses _uses;
    private readonly LayerReads _layers;
    private readonly IReadOnlyList<GraphNode> _nodes;
    private readonly IReadOnlyList<GraphValue> _inputs;
    private readonly IReadOnlySet<string> _normalizing;

    /// <summary>Looks at a graph.</summary>
    /// <param name="uses">Who reads what.</param>
    /// <param name="layers">Which arrays layers read.</param>
    /// <param name="inputs">What a batch brings.</param>
    /// <param name="outputs">What the network yields.</param>
    /// <param name="nodes">Operations.</param>
    public BufferClues(
        ArrayUses uses, LayerReads layers, IReadOnlyList<GraphValue> inputs, IReadOnlyList<GraphValue> outputs,
        IReadOnlyList<GraphNode> nodes)
    {
        (_uses, _layers, _inputs, _nodes) = (uses, layers, inputs, nodes);
        _normalizing = InputNormalization.Find(uses, inputs, outputs);
    }

    /// <summary>Why an array is not trained, or null where nothing says so.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="array">Its numbers, as the file or a checkpoint holds them.</param>
    /// <returns>The clue and the reason, as <see cref="UntrainedArray.Reason"/>.</returns>
    public (UntrainedClue Clue, string Reason)? Of(string name, DataArray array)
    {
        ReadOnlySpan<float> values = array.Type == ElementType.Float32 ? array.Values<float>() : array.ToFloats();
        bool layer = _layers.IsLayers(name, array), rows = layer && !_layers.IsLayers(name, array, rows: false);
        if (ArrayContents.IsCount(array, values)) return (UntrainedClue.Table, "it counts 0, 1, 2 and so on");
        if (GoesIntoSines(name)
            && (ArrayContents.IsGeometric(array, values) || ArrayContents.IsSteps(array, values)
                || ArrayContents.IsStepsDown(array, values)))
            return (UntrainedClue.Table, "frequencies in a fixed series, which only sines and cosines read");
        if (!layer || rows || IsSquareFactor(name, array))
        {
            if (ArrayContents.MaskValues(values) is { } pair)
                return (UntrainedClue.Mask, $"a mask: it holds only {pair}, and no layer reads it as a weight");
        }

        if (ArrayContents.IsRepeated(array, values)
            && _uses.EndsOf(name, picks: false).All(static r => r is { Node.OpType: "Conv", Input: 1 }))
            return (UntrainedClue.Table, "one kernel, repeated for every channel");
        if (ArrayContents.IsAntisymmetric(array, values) && !_uses.EndsOf(name, picks: false).Any(static r => r.Node.OpType is "Conv"))
            return (UntrainedClue.Table, "offsets around 0: backwards it is itself with the sign changed");
        if (layer && !rows) return null;
        if ((ArrayContents.HoldsEndless(values) && !(rows && ArrayContents.HoldsNaN(values))) || ArrayContents.IsForbidding(array, values))
            return (UntrainedClue.NotFinite, "it holds numbers that are infinite, none or stand for infinity, as masks do");
        if (ArrayContents.IsSines(array, values)) return (UntrainedClue.Table, "a table of sines and cosines");
        if (rows) return null;
        if (BufferNames.IsRunningStatistic(name) || DividesByStatistics(name))
            return (UntrainedClue.RunningStatistics, "running statistics of a normalization");
        if (ArrayContents.IsSteps(array, values)) return (UntrainedClue.Table, "it goes in equal steps, as positions and distances do");
        if (GeneratedNames.Contains(name) ? ArrayContents.IsSlopes(array, values) : ArrayContents.IsDistances(array, values))
            return (UntrainedClue.Table, "a table of distances: it is the same along each diagonal");
        if (ArrayContents.IsGeometric(array, values) && MultipliesPositions(name))
            return (UntrainedClue.Table, "slopes in a geometric series, which multiply positions");
        return _normalizing.Contains(name)
            ? (UntrainedClue.InputNormalization, "it normalizes the input before any weight, or undoes that at the output")
            : null;
    }

    // An adjacency: M · x with a stored square M on the left.
    private bool IsSquareFactor(string name, DataArray array) =>
        array.Shape.Count >= 2 && array.Shape[^1] == array.Shape[^2]
        && _uses.EndsOf(name, picks: true).All(static r => r is { Node.OpType: "MatMul", Input: 0 });

    // √(v + ε), worked out at export: what divides x less a running mean.
    private bool DividesByStatistics(string name) => GeneratedNames.Contains(name)
        && _uses.EndsOf(name, picks: false).All(r => r is { Node.OpType: "Div" or "Mul", Input: 1 }
            && _uses.MakerOf(r.Node.Inputs[0]) is { OpType: "Sub", Inputs.Count: 2 } centered
            && BufferNames.IsRunningStatistic(InputNormalization.Source(centered.Inputs[1], _uses)));

    private bool GoesIntoSines(string name)
    {
        HashSet<string> seen = new([name], StringComparer.Ordinal);
        Stack<string> open = new(seen);
        bool found = false;
        while (open.TryPop(out string? next))
        {
            foreach ((GraphNode node, int input) in _uses.EndsOf(next, picks: true))
            {
                if (node.OpType is "Sin" or "Cos") found = true;
                else if (node.OpType is "Mul" or "Div" or "MatMul" or "Einsum" or "Add" or "Concat" or "Neg" or "Reciprocal"
                    && node.HasOutput(0))
                {
                    if (seen.Add(node.Outputs[0])) open.Push(node.Outputs[0]);
                }
                else if (node.OpType is not ("Shape" or "ConstantOfShape"))
                {
                    return false;
                }
            }
        }

        return found;
    }

    private bool MultipliesPositions(string name)
    {
        HashSet<string> learned = Learned(name);
        bool any = false;
        foreach ((GraphNode node, int input) in _uses.EndsOf(name, picks: true))
        {
            if (node.OpType == "Shape") continue;
            if (node is not { OpType: "Mul", Inputs.Count: 2 } || learned.Contains(node.Inputs[1 - input])) return false;
            any = true;
        }

        return any;
    }

    // Values in which a floating-point input or another stored array is.
    private HashSet<string> Learned(string except)
    {
        HashSet<string> reached = new(_inputs.Where(static i => i.Type.IsFloat()).Select(static i => i.Name), StringComparer.Ordinal);
        for (int before = -1; before != reached.Count;)
        {
            before = reached.Count;
            foreach (GraphNode node in _nodes)
            {
                bool reads = Enumerable.Range(0, node.Inputs.Count).Any(i => node.HasInput(i) && TrainablePaths.Carries(node, i)
                    && (reached.Contains(node.Inputs[i])
                        || (node.Inputs[i] != except && _uses.Stored(node.Inputs[i]) is { Constant: false } array
                            && array.Values.Type.IsFloat())));
                if (reads) reached.UnionWith(node.Outputs.Where(static o => o.Length > 0));
            }
        }

        return reached;
    }
}
