using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// A value repeated to a shape. Where one of the sizes is the number of examples each gets its own part, which costs no
/// memory: all read the same.
/// </summary>
internal sealed unsafe class Expand : Operator
{
    private readonly bool _view;

    public Expand(NodeBuilder node)
        : base(node, inputs: 2)
    {
        Value x = node.Peek(0);
        (long[] shape, Placement placement) = Result(node, x, node.Sizes(1));
        _view = Shapes.Count(shape) == x.Length;
        if (_view)
        {
            node.ViewOf(0, shape, placement);
            return;
        }

        if (x.Numbers is not null || x.Marks is not null)
        {
            node.RefuseTable(node.Float(shape, placement).Length);
            WholeNumbers.Move(node, HostBroadcast.Places(x.Shape, shape), shape, placement);
            return;
        }

        node.Data(0);
        node.Like(x, shape, placement);
    }

    public override bool IsView => _view;

    public override bool SharesGradient(int input) => _view;

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        if (y.Length == 0) return;
        float one = 1;
        new BroadcastLoop(y.Parts, y.Shape, x.Shape, x.Stride, [], 0).Run<MultiplyFunction>(context.Workers, x.Data, &one, y.Data);
    }

    public override void Backward(BackwardContext context)
    {
        if (_view)
        {
            context.Share(0);
            return;
        }

        NativeBuffer<float> sum = context.RentFor(0);
        BroadcastSum.Run(context.Workers, context.Batch, context.Output.Shape, context.Gradient, context.Input(0).Shape, sum.Pointer);
        context.Give(0, sum);
    }

    private static (long[] Shape, Placement Placement) Result(NodeBuilder node, Value x, Value sizes)
    {
        if (sizes.Rank != 1) throw node.Refuse($"reads a shape from '{sizes.Name}', which is {sizes}");
        long[] wanted = [.. sizes.Numbers!];
        int back = x.Placement.HasAxis ? x.Rank - x.Placement.Axis : 0;
        try
        {
            if (back > 0)
            {
                // The examples' axis keeps its size; no other may have theirs.
                if (back <= wanted.Length && wanted[^back] == node.Seen(x)[x.Placement.Axis]) wanted[^back] = x.Shape[x.Placement.Axis];
                else if (back <= wanted.Length && wanted[^back] != 1)
                    throw node.Refuse($"repeats {x} to {Shapes.Text(wanted)} so that examples would meet");
                for (int i = 0; i < wanted.Length; i++)
                {
                    if (i != wanted.Length - back && sizes.MarkOf(i) != Mark.None)
                        throw node.Refuse($"repeats {x} as often as there are examples, so that they would meet");
                }

                long[] shape = HostBroadcast.Shape(x.Shape, wanted);
                return (shape, x.Placement.Moved(shape.Length - back));
            }

            (long[] made, Placement placement) = node.Made(sizes);

            // A file that states its number of examples repeats to it without saying so.
            if (!placement.HasAxis && !x.Batched && node.StatesExamples && made.Length > 0
                && made[0] == node.Examples && (x.Rank < made.Length || x.Shape[0] == 1))
            {
                made = [1, .. made[1..]];
                placement = Placement.On(0);
            }

            long[] result = HostBroadcast.Shape(x.Shape, made);
            int axis = placement.Axis + result.Length - made.Length;
            if (placement.HasAxis && result[axis] != made[placement.Axis])
                throw node.Refuse($"repeats {x} to {sizes.Rank} axes so that examples would get different constants");
            return (result, placement.HasAxis ? placement.Moved(axis) : x.Placement);
        }
        catch (TrakException error) when (!error.Message.StartsWith(node.Node.OpType, StringComparison.Ordinal))
        {
            throw node.Refuse($"repeats {x} to {Shapes.Text(wanted)}, which it does not fit ({error.Message.TrimEnd('.')})");
        }
    }
}
