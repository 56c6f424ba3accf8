namespace TrakFast.Onnx;

/// <summary>The same elements under a shape that another value holds: 0 keeps a size, −1 takes what is left.</summary>
internal sealed class Reshape : ViewOperator
{
    public Reshape(NodeBuilder node)
        : base(node, inputs: 2)
    {
        Value x = node.Peek(0);
        long[] from = node.Seen(x), wanted = node.Sizes(1).Numbers!, shape = [.. wanted];
        bool allowZero = node.Node.Integer("allowzero", 0) != 0;
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] == 0 && !allowZero) shape[i] = i < from.Length ? from[i] : throw Impossible();
        }

        int free = Array.IndexOf(shape, -1);
        Int128 others = 1, length = from.Aggregate((Int128)1, static (product, size) => product * size);
        for (int i = 0; i < shape.Length; i++)
        {
            if (i == free) continue;
            if (shape[i] < 0) throw Impossible();
            others = Int128.Min(others * shape[i], Int128.MaxValue / long.MaxValue);
        }

        if (free >= 0)
        {
            if (others == 0 || length % others != 0) throw Impossible();
            shape[free] = (long)(length / others);
            others *= shape[free];
        }

        if (others != length) throw Impossible();
        Declare(node, x, shape);

        TrakException Impossible() => node.Refuse($"cannot turn {x} into {Text(node, wanted)}");
    }
}
