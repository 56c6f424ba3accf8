using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// A network as data, neutral to the engine that runs it: values by name, operations in an order in which each reads
/// only what was made before, and which of the stored arrays are trained.
/// </summary>
public sealed class OnnxGraph
{
    private readonly HashSet<string> _trainable;

    /// <summary>Checks and orders a graph.</summary>
    /// <param name="name">What errors call it: a file name.</param>
    /// <param name="opset">Version of ONNX's operator set.</param>
    /// <param name="inputs">What a batch must bring.</param>
    /// <param name="outputs">What the network yields.</param>
    /// <param name="nodes">Operations in any order. Constant nodes become initializers.</param>
    /// <param name="initializers">Stored arrays.</param>
    /// <exception cref="TrakException">A name is made twice or by nobody, or the operations run in a circle.</exception>
    public OnnxGraph(
        string name,
        int opset,
        IReadOnlyList<GraphValue> inputs,
        IReadOnlyList<GraphValue> outputs,
        IReadOnlyList<GraphNode> nodes,
        IReadOnlyList<Initializer> initializers)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(initializers);
        (nodes, initializers) = SharedCopies.Separate(nodes, outputs, initializers);
        Name = name;
        Opset = opset;
        Initializers = [.. StoredSettings.Mark(nodes, outputs, initializers), .. ConstantNodes.Fold(nodes)];
        HashSet<string> stored = new(Initializers.Select(static i => i.Name), StringComparer.Ordinal);
        Inputs = [.. inputs.Where(i => !stored.Contains(i.Name))];
        Outputs = [.. outputs];
        Nodes = GraphOrder.Sort(name, Inputs, Outputs, [.. nodes.Where(static n => n.OpType != ConstantNodes.OpType)], Initializers);
        ParameterChoice choice = ParameterRule.Choose(Initializers, Inputs, Outputs, Nodes, TrainablePaths.Find(this));
        (_trainable, Untrained) = (choice.Trained, choice.Untrained);
        Initializers = [.. Initializers.Select(i => i.Constant && _trainable.Contains(i.Name) ? i with { Constant = false } : i)];
        Parameters = ListParameters();
    }

    private OnnxGraph(OnnxGraph graph, HashSet<string> trainable, IReadOnlyList<UntrainedArray> untrained)
    {
        (Name, Opset, Inputs, Outputs, Nodes) = (graph.Name, graph.Opset, graph.Inputs, graph.Outputs, graph.Nodes);
        (_trainable, Untrained) = (trainable, untrained);
        HashSet<string> others = [.. untrained.Select(static u => u.Name)];
        Initializers = [.. graph.Initializers.Select(i =>
            trainable.Contains(i.Name) ? i with { Constant = false, Trained = true }
            : others.Contains(i.Name) ? i with { Trained = false }
            : i)];
        Parameters = ListParameters();
    }

    /// <summary>What errors call the graph.</summary>
    public string Name { get; }

    /// <summary>Version of ONNX's operator set.</summary>
    public int Opset { get; }

    /// <summary>What a batch must bring, in the file's order.</summary>
    public IReadOnlyList<GraphValue> Inputs { get; }

    /// <summary>What the network yields, in the file's order.</summary>
    public IReadOnlyList<GraphValue> Outputs { get; }

    /// <summary>Operations, each behind those whose values it reads.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>Stored arrays in the file's order, then folded constants.</summary>
    public IReadOnlyList<Initializer> Initializers { get; }

    /// <summary>
    /// The trained arrays in the file's order: floating-point initializers from which a gradient path leads to an output,
    /// less <see cref="Untrained"/>. <see cref="TrainedParameters"/> narrows them down by more than the file tells.
    /// </summary>
    public IReadOnlyList<ModelParameter> Parameters { get; }

    /// <summary>Stored arrays that a gradient would reach and that are no parameters, and why: masks, tables, constants.</summary>
    public IReadOnlyList<UntrainedArray> Untrained { get; }

    /// <summary>Whether a stored array is trained.</summary>
    public bool IsParameter(string name) => _trainable.Contains(name);

    /// <summary>The stored weights, running statistics included, as a checkpoint that shares their memory.</summary>
    /// <param name="name">What errors will call the checkpoint.</param>
    public Checkpoint ToCheckpoint(string name) => new(
        name, Initializers
            .Where(static i => i.Values.Type.IsFloat() && !i.Constant)
            .ToDictionary(static i => i.Name, static i => i.Values, StringComparer.Ordinal));

    /// <summary>The same graph with other arrays as its parameters.</summary>
    /// <param name="trained">Names of floating-point arrays from which a gradient path leads to an output.</param>
    /// <param name="untrained">What is said of others.</param>
    internal OnnxGraph With(IEnumerable<string> trained, IReadOnlyList<UntrainedArray> untrained) =>
        new(this, new HashSet<string>(trained, StringComparer.Ordinal), untrained);

    /// <summary>
    /// The stored weights as the model's state dict has them: those that the exporter stored transposed, under a name it made up, are
    /// turned back where their layer's name is known.
    /// </summary>
    /// <param name="name">What errors will call the checkpoint.</param>
    public Checkpoint ToStateDict(string name)
    {
        IReadOnlyDictionary<string, string> folded = FoldedWeights.Names(this);
        Dictionary<string, DataArray> tensors = new(StringComparer.Ordinal);
        foreach ((string stored, DataArray array) in ToCheckpoint(name).Tensors)
        {
            if (folded.TryGetValue(stored, out string? layer) && !tensors.ContainsKey(layer))
                tensors[layer] = DataArray.From(CheckpointLoader.Turned(array), [.. array.Shape.Reverse()]);
            else tensors[stored] = array;
        }

        return new Checkpoint(name, tensors);
    }

    /// <summary>
    /// A checkpoint as people have it, made one that an engine loads: names are taken without (or with) what programs wrap around a
    /// model, arrays that the model does not have are passed over, and what was done is noted. What is missing stays missing, and is
    /// said when it is loaded.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="isPartial">
    /// Whether the stored weights stand in for what the checkpoint does not hold, as for an adapter or a head alone.
    /// </param>
    /// <exception cref="CheckpointException">
    /// Two changes of names fit alike, or it holds an adapter's layers and the model has none.
    /// </exception>
    public Checkpoint Fit(Checkpoint checkpoint, bool isPartial = false)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return CheckpointFit.Fit(this, checkpoint, isPartial);
    }

    private List<ModelParameter> ListParameters()
    {
        List<ModelParameter> parameters = [];
        long offset = 0;
        foreach (Initializer initializer in Initializers.Where(i => _trainable.Contains(i.Name)))
        {
            parameters.Add(new ModelParameter(initializer.Name, initializer.Values.Shape, offset));
            offset = checked(offset + initializer.Values.Length);
        }

        return parameters;
    }
}
