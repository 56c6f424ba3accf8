namespace TrakFast.Onnx;

/// <summary>The same elements under a shape that another value holds: 0 keeps a size, −1 takes what is left.</summary>
internal sealed class Reshape : ViewOperator
{
    private readonly bool _allowZero;

    public Reshape(GraphNode node)
        : base(node, inputs: 2) => _allowZero = node.Integer("allowzero", 0) != 0;

    protected override long[] Shape(ForwardContext context, Tensor x)
    {
        long[] wanted = context.Sizes(1).Integers;
        long[] shape = [.. wanted];

        // A file made with a stated number of examples may have it here; at that number the examples kept their axis.
        if (x.Batched && shape.Length > 0 && shape[0] == context.StatedBatch) shape[0] = x.Shape[0];
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] == 0 && !_allowZero) shape[i] = i < x.Rank ? x.Shape[i] : throw Impossible(x, wanted);
        }

        int free = Array.IndexOf(shape, -1);
        Int128 others = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            if (i == free) continue;
            if (shape[i] < 0) throw Impossible(x, wanted);
            others = Int128.Min(others * shape[i], long.MaxValue);
        }

        if (free >= 0)
        {
            if (others == 0 || x.Length % others != 0) throw Impossible(x, wanted);
            shape[free] = (long)(x.Length / others);
            others *= shape[free];
        }

        return others == x.Length ? shape : throw Impossible(x, wanted);
    }

    private TrakException Impossible(Tensor x, long[] wanted) => Refuse($"cannot turn {x} into {Shapes.Text(wanted)}");
}
