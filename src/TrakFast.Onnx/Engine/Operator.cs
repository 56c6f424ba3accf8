using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// One node made executable for values of known shapes. A constructor looks at the node and its inputs, refuses what
/// would let examples meet, and says what the output will be; what is left for a pass is arithmetic. It keeps nothing of
/// a pass, so that clones of a model share it. Shapes are those of a single example; every gradient is [B, the value's
/// shape], whether memory holds the value once or for each example: that is how parameters keep their per-example
/// gradients.
/// </summary>
internal abstract class Operator
{
    protected Operator(NodeBuilder node, int inputs, int optionalInputs = 0, bool severalOutputs = false)
    {
        Node = node.Node;
        node.Expect(inputs, optionalInputs, severalOutputs);
    }

    /// <summary>An operator that does another's work in another way.</summary>
    protected Operator(Operator from) => Node = from.Node;

    protected GraphNode Node { get; }

    /// <summary>Whether the output is its first input's memory under another shape, so that there is nothing to compute.</summary>
    public virtual bool IsView => false;

    /// <summary>What was worked out beside the shapes and another engine would have to; null where the node says all.</summary>
    public virtual StepFacts? Facts => null;

    /// <summary>Makes the output from the inputs.</summary>
    public abstract void Forward(ForwardContext context);

    /// <summary>Takes the output's gradient and gives each wanted input its own.</summary>
    public abstract void Backward(BackwardContext context);

    /// <summary>Whether the backward step reads an input's elements, where it wants gradients of some inputs.</summary>
    /// <param name="input">The input.</param>
    /// <param name="wants">For each input whether its gradient is wanted; at least one is.</param>
    public virtual bool KeepsInput(int input, bool[] wants) => true;

    /// <summary>Whether the backward step reads the output's elements.</summary>
    public virtual bool KeepsOutput => false;

    /// <summary>
    /// Whether the output may take an input's place in memory, where both have as many elements:
    /// each is read before its place is written.
    /// </summary>
    public virtual bool Overwrites => false;

    /// <summary>Whether the backward step turns the output's gradient into an input's in place.</summary>
    public virtual bool ReusesGradient => false;

    /// <summary>Whether the output's gradient is an input's as it is, where both have as many elements.</summary>
    public virtual bool SharesGradient(int input) => false;

    /// <summary>Whether an input that is a parameter gets its gradient as a block of factors, for which no room is taken.</summary>
    public virtual bool EmitsBlocks(int input) => false;

    /// <summary>float32 elements for an example that the backward step rents beside its inputs' gradients.</summary>
    public virtual long Scratch(bool[] wants) => 0;
}
