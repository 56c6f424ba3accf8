namespace TrakFast.Onnx;

/// <summary>One output of a node with its operator and the slots its values live in; −1 for an optional input left out.</summary>
internal sealed record PlanStep(int Index, GraphNode Node, Operator Operator, int[] Inputs, int Output);

/// <summary>A parameter as a node sees it: itself, the same elements under another shape, or a matrix transposed.</summary>
internal sealed record ParameterAlias(int Parameter, bool Transposed);

/// <summary>A graph made executable. It holds no values, so that clones of a model share it.</summary>
internal sealed class ExecutionPlan
{
    public ExecutionPlan(OnnxGraph graph)
    {
        Graph = graph;
        OperatorSet.RefuseUnknown(graph);
        Dictionary<string, int> slots = new(StringComparer.Ordinal);
        foreach (GraphValue input in graph.Inputs) slots.Add(input.Name, slots.Count);
        FirstInitializerSlot = slots.Count;
        foreach (Initializer initializer in graph.Initializers) slots.Add(initializer.Name, slots.Count);
        foreach (string output in graph.Nodes.SelectMany(static n => n.Outputs).Where(static o => o.Length > 0)) slots.Add(output, slots.Count);
        Slots = slots.Count;
        Steps = [.. graph.Nodes
            .SelectMany(n => OperatorSet.Create(n, graph.Opset).Select((made, output) => (Node: n, Operator: made, Output: output)))
            .Where(static s => s.Node.HasOutput(s.Output))
            .Select((s, index) => new PlanStep(
                index,
                s.Node,
                s.Operator,
                [.. s.Node.Inputs.Select(i => i.Length > 0 ? slots[i] : -1)],
                slots[s.Node.Outputs[s.Output]]))];
        OutputNames = [.. graph.Outputs.Select(static o => o.Name)];
        OutputSlots = [.. OutputNames.Select(n => slots[n])];
        long?[] stated = [.. graph.Inputs.Select(static i => i.Shape is { Count: > 0 } shape ? shape[0] : null).Distinct()];
        StatedBatch = stated is [{ } one] ? one : null;
        Aliases = FindAliases();
        RefuseTrainedStatistics();
    }

    public OnnxGraph Graph { get; }

    /// <summary>Number of values.</summary>
    public int Slots { get; }

    public int FirstInitializerSlot { get; }

    /// <summary>The number of examples that all inputs of the graph declare, or null. It is no promise to keep.</summary>
    public long? StatedBatch { get; }

    public IReadOnlyList<PlanStep> Steps { get; }

    public string[] OutputNames { get; }

    public int[] OutputSlots { get; }

    /// <summary>For each slot, the parameter whose elements it holds unchanged, or null.</summary>
    public ParameterAlias?[] Aliases { get; }

    /// <summary>Slots on a gradient path from a selected parameter, the parameters' own included.</summary>
    public bool[] Upstream(ParameterSelection selection)
    {
        bool[] wanted = new bool[Slots];
        for (int i = 0; i < Graph.Initializers.Count; i++)
        {
            string name = Graph.Initializers[i].Name;
            wanted[FirstInitializerSlot + i] = Graph.IsParameter(name) && selection.Contains(name);
        }

        foreach (PlanStep step in Steps)
        {
            for (int i = 0; i < step.Inputs.Length; i++)
                wanted[step.Output] |= step.Inputs[i] >= 0 && wanted[step.Inputs[i]] && TrainablePaths.Carries(step.Node, i);
        }

        return wanted;
    }

    private ParameterAlias?[] FindAliases()
    {
        ParameterAlias?[] aliases = new ParameterAlias?[Slots];
        Dictionary<string, int> order = Graph.Parameters.Select(static (p, i) => (p.Name, i)).ToDictionary(static p => p.Name, static p => p.i, StringComparer.Ordinal);
        for (int i = 0; i < Graph.Initializers.Count; i++)
        {
            if (order.TryGetValue(Graph.Initializers[i].Name, out int parameter)) aliases[FirstInitializerSlot + i] = new ParameterAlias(parameter, false);
        }

        foreach (PlanStep step in Steps)
        {
            if (step.Inputs.Length == 0 || step.Inputs[0] < 0 || aliases[step.Inputs[0]] is not { } alias) continue;
            aliases[step.Output] = step.Node.OpType switch
            {
                "Identity" => alias,
                "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" when !alias.Transposed => alias,
                "Transpose" when Swaps(step, alias) => alias with { Transposed = !alias.Transposed },
                _ => null,
            };
        }

        return aliases;
    }

    // Without a permutation a transpose of a matrix swaps its axes; that it is a matrix is certain for a parameter itself.
    private bool Swaps(PlanStep step, ParameterAlias alias) => step.Node.Integers("perm") is { } permutation
        ? permutation is [1, 0]
        : step.Inputs[0] < FirstInitializerSlot + Graph.Initializers.Count && Graph.Parameters[alias.Parameter].Shape.Count == 2;

    // Running statistics take no gradient; were they computed from parameters, a gradient would be lost in silence.
    private void RefuseTrainedStatistics()
    {
        int stored = FirstInitializerSlot + Graph.Initializers.Count;
        foreach (PlanStep step in Steps.Where(static s => s.Node.OpType == "BatchNormalization"))
        {
            if (step.Inputs.Skip(3).Any(i => i >= stored || i < FirstInitializerSlot))
                throw step.Node.Wrong("computes its running mean or variance; they must be stored in the file");
        }
    }
}
