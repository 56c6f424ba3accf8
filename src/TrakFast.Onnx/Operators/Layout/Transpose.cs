using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Permutes axes; the example's stays in front.</summary>
internal sealed unsafe class Transpose : Operator
{
    private readonly IReadOnlyList<long>? _permutation;

    public Transpose(GraphNode node)
        : base(node, inputs: 1) => _permutation = node.Integers("perm");

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Any(0);
        int[] permutation = Permutation(x);
        long[] shape = [.. permutation.Select(p => x.Shape[p])];
        if (x.IsInteger)
        {
            WholeNumbers.Move(context, x, shape, [.. Enumerable.Range(0, (int)x.Length).Select(i => (int)Source(i, shape, x.Shape, permutation))]);
            return;
        }

        Tensor y = context.Allocate(shape, x.Batched);
        Permute(context.Workers, x.Parts, x.ExampleShape.ToArray(), Inner(permutation, x.Batched), x.Data, y.Data);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        int[] permutation = Inner(Permutation(x), x.Batched);
        int[] inverse = new int[permutation.Length];
        for (int i = 0; i < inverse.Length; i++) inverse[permutation[i]] = i;
        NativeBuffer<float> gradient = context.RentFor(0);
        Permute(context.Workers, context.Batch, y.ExampleShape.ToArray(), inverse, context.Gradient, gradient.Pointer);
        context.Give(0, gradient);
    }

    /// <summary>to [parts, shape permuted] = from [parts, shape].</summary>
    public static void Permute(Workers workers, long parts, long[] shape, int[] permutation, float* from, float* to)
    {
        int rank = shape.Length;
        long length = Shapes.Count(shape);
        if (length == 0) return;
        long[] strides = new long[rank];
        long stride = 1;
        for (int i = rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        long[] sizes = [.. permutation.Select(p => shape[p])], steps = [.. permutation.Select(p => strides[p])];
        long inner = rank == 0 ? 1 : sizes[^1], step = rank == 0 ? 1 : steps[^1], rows = length / inner;
        workers.Run(parts * rows, Math.Max(Vectors.Grain / inner, 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                (long part, long rest) = Math.DivRem(row, rows);
                long place = part * length;
                for (int axis = rank - 2; axis >= 0; axis--)
                {
                    (rest, long index) = Math.DivRem(rest, sizes[axis]);
                    place += index * steps[axis];
                }

                float* source = from + place, target = to + (row * inner);
                if (step == 1) Buffer.MemoryCopy(source, target, inner * sizeof(float), inner * sizeof(float));
                else for (long i = 0; i < inner; i++) target[i] = source[i * step];
            }
        });
    }

    private static long Source(long i, long[] shape, long[] from, int[] permutation)
    {
        long place = 0;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            long stride = 1;
            for (int a = permutation[axis] + 1; a < from.Length; a++) stride *= from[a];
            (i, long index) = Math.DivRem(i, shape[axis]);
            place += index * stride;
        }

        return place;
    }

    private static int[] Inner(int[] permutation, bool batched) => batched ? [.. permutation.Skip(1).Select(static p => p - 1)] : permutation;

    private int[] Permutation(Tensor x)
    {
        int[] permutation = _permutation is null
            ? [.. Enumerable.Range(0, x.Rank).Reverse()]
            : [.. _permutation.Select(p => Axis(p, x.Rank))];
        if (permutation.Length != x.Rank || permutation.Distinct().Count() != x.Rank)
            throw Refuse($"has the permutation {Shapes.Text(permutation.Select(static p => (long)p))} for a value of shape {x}");
        return !x.Batched || permutation[0] == 0 ? permutation : throw Refuse($"moves axis 0 of {x}, which holds the examples");
    }
}
