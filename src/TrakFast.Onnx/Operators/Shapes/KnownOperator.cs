namespace TrakFast.Onnx;

/// <summary>An operator that is done once its output is declared, since that follows from the model and the shapes of its inputs.</summary>
internal abstract class KnownOperator : Operator
{
    protected KnownOperator(NodeBuilder node, int inputs, int optionalInputs = 0)
        : base(node, inputs, optionalInputs)
    {
    }

    public sealed override void Forward(ForwardContext context)
    {
    }

    public sealed override void Backward(BackwardContext context)
    {
    }
}
