using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Moves square blocks of an image's elements between its channels and its plane: a view, permuted, viewed again.</summary>
internal abstract unsafe class BlockRearrange : Operator
{
    protected BlockRearrange(GraphNode node)
        : base(node, inputs: 1)
    {
        Block = node.Integer("blocksize", 0);
        if (Block is < 1 or > 1 << 16) throw node.Wrong($"has the block size {Block}");
    }

    protected long Block { get; }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        if (x.Rank != 4) throw Refuse($"reads {x}; [N, C, H, W] is wanted");
        (long[] split, int[] permutation, long[] shape) = Plan(x.Shape[1], x.Shape[2], x.Shape[3]);
        Tensor y = context.Allocate([x.Shape[0], .. shape], x.Batched);
        Transpose.Permute(context.Workers, x.Shape[0], split, permutation, x.Data, y.Data);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        (long[] split, int[] permutation, _) = Plan(x.Shape[1], x.Shape[2], x.Shape[3]);
        long[] permuted = [.. permutation.Select(p => split[p])];
        int[] inverse = [.. Enumerable.Range(0, permutation.Length).Select(i => Array.IndexOf(permutation, i))];
        NativeBuffer<float> gradient = context.RentFor(0);
        Transpose.Permute(context.Workers, context.Batch * (x.Batched ? 1 : x.Shape[0]), permuted, inverse, context.Gradient, gradient.Pointer);
        context.Give(0, gradient);
    }

    /// <summary>An image's sizes taken apart, their new order, and its shape afterwards.</summary>
    protected abstract (long[] Split, int[] Permutation, long[] Shape) Plan(long channels, long height, long width);
}

/// <summary>Channels become blocks: [C·b², H, W] to [C, H·b, W·b].</summary>
internal sealed class DepthToSpace : BlockRearrange
{
    private readonly bool _channelsFirst;

    public DepthToSpace(GraphNode node)
        : base(node)
    {
        string mode = node.Text("mode", "DCR");
        if (mode is not ("DCR" or "CRD")) throw node.Wrong($"has the unknown mode '{mode}'");
        _channelsFirst = mode == "CRD";
    }

    protected override (long[] Split, int[] Permutation, long[] Shape) Plan(long channels, long height, long width)
    {
        long rest = channels / (Block * Block);
        if (rest * Block * Block != channels) throw Refuse($"takes {channels} channels apart into blocks of {Block} × {Block}");
        long[] shape = [rest, height * Block, width * Block];
        return _channelsFirst
            ? ([rest, Block, Block, height, width], [0, 3, 1, 4, 2], shape)
            : ([Block, Block, rest, height, width], [2, 3, 0, 4, 1], shape);
    }
}

/// <summary>Blocks become channels: [C, H·b, W·b] to [b²·C, H, W].</summary>
internal sealed class SpaceToDepth(GraphNode node) : BlockRearrange(node)
{
    protected override (long[] Split, int[] Permutation, long[] Shape) Plan(long channels, long height, long width)
    {
        if (height % Block != 0 || width % Block != 0) throw Refuse($"cuts {height} × {width} into blocks of {Block} × {Block}");
        return ([channels, height / Block, Block, width / Block, Block], [2, 4, 0, 1, 3], [channels * Block * Block, height / Block, width / Block]);
    }
}
