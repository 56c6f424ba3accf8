using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// An operator that moves elements: every element of the output is one of the input's, found by looking up its index along
/// each axis, or a filler. The example's axis stays as it is.
/// </summary>
internal abstract unsafe class PickOperator : Operator
{
    /// <summary>An index that means the filler.</summary>
    protected const int Filler = -1;

    protected PickOperator(GraphNode node, int inputs, int optionalInputs = 0, bool severalOutputs = false)
        : base(node, inputs, optionalInputs, severalOutputs)
    {
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Any(0);
        int[]?[] picks = Picks(context, x);
        if (x.Batched && picks[0] is not null) throw Refuse($"picks along axis 0 of {x}, which holds the examples");
        long[] picked = [.. picks.Select((p, axis) => p?.Length ?? x.Shape[axis])];
        context.Count(picked);
        long[] shape = Shape(context, picked);
        if (x.IsInteger)
        {
            int[] moved = new int[Shapes.Count(picked)];
            fixed (int* to = moved) Places(x.Shape, picks, to);
            WholeNumbers.Move(context, x, shape, moved, (long)FillerValue(context));
            return;
        }

        Tensor y = context.Allocate(shape, x.Batched);
        int* places = (int*)context.Save(y.ExampleLength);
        Places(x.ExampleShape, picks.AsSpan(x.Batched ? 1 : 0), places);
        float filler = FillerValue(context), source = 0;
        float* from = x.Data == null ? &source : x.Data, target = y.Data;
        long length = y.ExampleLength, stride = x.Stride;
        context.Workers.Run(y.Parts, Math.Max(Vectors.Grain / Math.Max(length, 1), 1), (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                float* read = from + (part * stride), write = target + (part * length);
                for (long i = 0; i < length; i++) write[i] = places[i] < 0 ? filler : read[places[i]];
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        NativeBuffer<float> gradient = context.RentZero(0);
        int* places = (int*)context.Saved;
        float* delta = context.Gradient, to = gradient.Pointer;
        long length = context.Output.ExampleLength, stride = x.ExampleLength;
        context.Workers.Run(context.Batch, Math.Max(Vectors.Grain / Math.Max(length, 1), 1), (start, end) =>
        {
            for (long b = start; b < end; b++)
            {
                float* read = delta + (b * length), write = to + (b * stride);
                for (long i = 0; i < length; i++)
                {
                    if (places[i] >= 0) write[places[i]] += read[i];
                }
            }
        });
        context.Give(0, gradient);
    }

    /// <summary>For each axis the input's index for each of the output's; null for an axis left alone.</summary>
    protected abstract int[]?[] Picks(ForwardContext context, Tensor x);

    /// <summary>The output's shape, of as many elements as were picked.</summary>
    protected virtual long[] Shape(ForwardContext context, long[] picked) => picked;

    /// <summary>What stands where nothing was picked.</summary>
    protected virtual float FillerValue(ForwardContext context) => 0;

    private static void Places(ReadOnlySpan<long> shape, ReadOnlySpan<int[]?> picks, int* places)
    {
        int rank = shape.Length;
        long count = 1;
        for (int axis = 0; axis < rank; axis++) count *= picks[axis]?.Length ?? shape[axis];
        long repeat = 1, stride = 1;
        for (long i = 0; i < count; i++) places[i] = 0;
        for (int axis = rank - 1; axis >= 0; axis--)
        {
            int[]? pick = picks[axis];
            long size = pick?.Length ?? shape[axis];
            for (long i = 0; i < count; i++)
            {
                long index = i / repeat % size;
                int from = pick is null ? (int)index : pick[index];
                places[i] = from < 0 || places[i] < 0 ? Filler : places[i] + (int)(from * stride);
            }

            repeat *= size;
            stride *= shape[axis];
        }
    }
}
