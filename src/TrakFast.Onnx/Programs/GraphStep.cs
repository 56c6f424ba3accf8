namespace TrakFast.Onnx.Programs;

/// <summary>One step of a program: an operator that makes one value.</summary>
public sealed class GraphStep
{
    internal GraphStep(Step step)
    {
        (Index, Node, Output, IsView) = (step.Index, step.Node, step.Output, step.Operator.IsView);
        (Inputs, Reads, Facts) = (step.Inputs, step.Reads, step.Operator.Facts);
    }

    /// <summary>Its place among the steps.</summary>
    public int Index { get; }

    /// <summary>The node it came of.</summary>
    public GraphNode Node { get; }

    /// <summary>Slots of the values it takes; −1 for an optional input left out.</summary>
    public IReadOnlyList<int> Inputs { get; }

    /// <summary>Which of them it reads; the others were needed to compile it.</summary>
    public IReadOnlyList<bool> Reads { get; }

    /// <summary>Slot of the value it makes.</summary>
    public int Output { get; }

    /// <summary>Whether the output is its first input's elements in their order, under another shape.</summary>
    public bool IsView { get; }

    /// <summary>What was worked out beside the shapes; null where the node says all.</summary>
    public StepFacts? Facts { get; }
}
