namespace TrakFast.Onnx;

/// <summary>
/// One node made executable: it knows its attributes and nothing of a particular pass, so that clones of a model share
/// it. Every gradient has a leading example axis, [B, the value's example shape], whether the value carries one or not;
/// that is how parameters keep their per-example gradients.
/// </summary>
internal abstract class Operator
{
    protected Operator(GraphNode node, int inputs, int optionalInputs = 0, bool severalOutputs = false)
    {
        Node = node;
        int given = node.Inputs.Count;
        if (given < inputs || given > inputs + optionalInputs)
            throw node.Wrong($"has {given} inputs; {inputs}{(optionalInputs > 0 ? $" to {inputs + optionalInputs}" : "")} are wanted");
        for (int i = 0; i < inputs; i++)
        {
            if (!node.HasInput(i)) throw node.Wrong($"lacks its input {i}");
        }

        if (severalOutputs) return;
        if (!node.HasOutput(0)) throw node.Wrong("has no output");
        if (Enumerable.Range(1, Math.Max(node.Outputs.Count - 1, 0)).Any(node.HasOutput))
            throw node.Wrong($"has {node.Outputs.Count} outputs; only the first is supported");
    }

    protected GraphNode Node { get; }

    /// <summary>Makes the outputs from the inputs.</summary>
    public abstract void Forward(ForwardContext context);

    /// <summary>Takes the output's gradient and gives each wanted input its own.</summary>
    public abstract void Backward(BackwardContext context);

    /// <summary>An error about this node, whose sentence goes on with the problem.</summary>
    protected TrakException Refuse(string problem) => Node.Wrong(problem);

    /// <summary>An axis counted from the first, of a value of this rank.</summary>
    protected int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Refuse($"names axis {axis} of a value of {rank} axes");

    /// <summary>The same, as an axis of the example's part; the example's own axis is refused.</summary>
    protected int ExampleAxis(long axis, Tensor value)
    {
        int counted = Axis(axis, value.Rank);
        if (!value.Batched) return counted;
        return counted > 0 ? counted - 1 : throw Refuse("works along axis 0, which would mix the examples");
    }
}
