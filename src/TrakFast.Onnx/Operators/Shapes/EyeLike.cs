using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>1 on a diagonal and 0 elsewhere, in the shape of a matrix whose elements do not matter.</summary>
internal sealed unsafe class EyeLike : Operator
{
    private readonly long _diagonal;

    public EyeLike(NodeBuilder node)
        : base(node, inputs: 1)
    {
        Value x = node.Peek(0);
        if (x.Rank != 2) throw node.Refuse($"makes a diagonal in {x}; a matrix is wanted");
        for (int axis = 0; axis < 2; axis++) node.RefuseExamples(axis, x);
        _diagonal = node.Node.Integer("k", 0);
        long type = node.Node.Integer("dtype", 0);
        bool whole = type == 0
            ? x.Whole
            : !(TensorReader.Type((int)type) ?? throw node.Refuse($"makes the element type {type}, which is not supported")).IsFloat();
        if (whole) node.WholeOf(x.Shape, Placement.Shared);
        else node.Float(x.Shape, Placement.Shared);
    }

    public override void Forward(ForwardContext context)
    {
        (long rows, long columns) = (context.Output.Shape[0], context.Output.Shape[1]);
        for (long r = 0; r < rows; r++)
        {
            for (long c = 0; c < columns; c++) context.Output.Data[(r * columns) + c] = c == r + _diagonal ? 1 : 0;
        }
    }

    public override void Backward(BackwardContext context)
    {
    }
}
