using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>Moves square blocks of an image's elements between its channels and its plane: a view, permuted, viewed again.</summary>
internal abstract unsafe class BlockRearrange : Operator
{
    private long[] _split = [];
    private int[] _permutation = [];

    protected BlockRearrange(NodeBuilder node)
        : base(node, inputs: 1)
    {
        Block = node.Node.Integer("blocksize", 0);
        if (Block is < 1 or > 1 << 16) throw node.Refuse($"has the block size {Block}");
    }

    protected long Block { get; }

    public override StepFacts? Facts => new RearrangementFacts(_split, _permutation);

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        Transpose.Permute(context.Workers, x.Parts * x.Shape[0], _split, _permutation, x.Data, context.Output.Data);
    }

    public override void Backward(BackwardContext context)
    {
        long[] permuted = [.. _permutation.Select(p => _split[p])];
        int[] inverse = [.. Enumerable.Range(0, _permutation.Length).Select(i => Array.IndexOf(_permutation, i))];
        NativeBuffer<float> gradient = context.RentFor(0);
        Transpose.Permute(
            context.Workers, context.Batch * context.Input(0).Shape[0], permuted, inverse, context.Gradient, gradient.Pointer);
        context.Give(0, gradient);
    }

    /// <summary>Declares the output.</summary>
    protected void Declare(NodeBuilder node)
    {
        Value x = node.Floats(0);
        if (x.Rank != 4) throw node.Refuse($"reads {x}; [N, C, H, W] is wanted");
        for (int axis = 1; axis < 4; axis++) node.RefuseExamples(axis, x);
        (_split, _permutation, long[] shape) = Plan(node, x.Shape[1], x.Shape[2], x.Shape[3]);
        node.Float([x.Shape[0], .. shape], x.Placement);
    }

    /// <summary>An image's sizes taken apart, their new order, and its shape afterwards.</summary>
    protected abstract (long[] Split, int[] Permutation, long[] Shape) Plan(NodeBuilder node, long channels, long height, long width);
}

/// <summary>Channels become blocks: [C·b², H, W] to [C, H·b, W·b].</summary>
internal sealed class DepthToSpace : BlockRearrange
{
    private readonly bool _channelsFirst;

    public DepthToSpace(NodeBuilder node)
        : base(node)
    {
        string mode = node.Node.Text("mode", "DCR");
        if (mode is not ("DCR" or "CRD")) throw node.Refuse($"has the unknown mode '{mode}'");
        _channelsFirst = mode == "CRD";
        Declare(node);
    }

    protected override (long[] Split, int[] Permutation, long[] Shape) Plan(NodeBuilder node, long channels, long height, long width)
    {
        long rest = channels / (Block * Block);
        if (rest * Block * Block != channels) throw node.Refuse($"takes {channels} channels apart into blocks of {Block} × {Block}");
        long[] shape = [rest, height * Block, width * Block];
        return _channelsFirst
            ? ([rest, Block, Block, height, width], [0, 3, 1, 4, 2], shape)
            : ([Block, Block, rest, height, width], [2, 3, 0, 4, 1], shape);
    }
}

/// <summary>Blocks become channels: [C, H·b, W·b] to [b²·C, H, W].</summary>
internal sealed class SpaceToDepth : BlockRearrange
{
    public SpaceToDepth(NodeBuilder node)
        : base(node) => Declare(node);

    protected override (long[] Split, int[] Permutation, long[] Shape) Plan(NodeBuilder node, long channels, long height, long width)
    {
        if (height % Block != 0 || width % Block != 0) throw node.Refuse($"cuts {height} × {width} into blocks of {Block} × {Block}");
        return (
            [channels, height / Block, Block, width / Block, Block], [2, 4, 0, 1, 3],
            [channels * Block * Block, height / Block, width / Block]);
    }
}
