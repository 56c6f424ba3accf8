using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>Permutes axes. Where only axes of size 1 trade places, the examples' among them, nothing moves.</summary>
internal sealed unsafe class Transpose : Operator
{
    private readonly int[] _permutation;
    private readonly bool _view;

    public Transpose(NodeBuilder node)
        : base(node, inputs: 1)
    {
        Value x = node.Peek(0);
        _permutation = node.Node.Integers("perm") is { } given
            ? [.. given.Select(p => node.Axis(p, x.Rank))]
            : [.. Enumerable.Range(0, x.Rank).Reverse()];
        if (_permutation.Length != x.Rank || _permutation.Distinct().Count() != x.Rank)
            throw node.Refuse($"has the permutation {Shapes.Text(_permutation.Select(static p => (long)p))} for a value of shape {x}");
        long[] shape = [.. _permutation.Select(p => x.Shape[p])];
        Placement placement = x.Placement.Moved(Array.IndexOf(_permutation, x.Placement.Axis));
        int[] moved = [.. _permutation.Where(p => x.Shape[p] != 1)];
        _view = moved.SequenceEqual(moved.Order());
        if (_view)
        {
            node.ViewOf(0, shape, placement);
            return;
        }

        if (x.Whole)
        {
            node.RefuseTable(x.Length);
            WholeNumbers.Move(node, Places(x.Shape, _permutation), shape, placement);
            return;
        }

        node.Data(0);
        node.Float(shape, placement);
        node.Holds(x.View?.Permuted(_permutation));
    }

    /// <summary>For each of the output's axes the input's.</summary>
    public IReadOnlyList<int> Permutation => _permutation;

    public override StepFacts? Facts => new TransposeFacts(_permutation);

    public override bool IsView => _view;

    public override bool SharesGradient(int input) => _view;

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        Permute(context.Workers, x.Parts, x.Shape, _permutation, x.Data, context.Output.Data);
    }

    public override void Backward(BackwardContext context)
    {
        if (_view)
        {
            context.Share(0);
            return;
        }

        int[] inverse = new int[_permutation.Length];
        for (int i = 0; i < inverse.Length; i++) inverse[_permutation[i]] = i;
        NativeBuffer<float> gradient = context.RentFor(0);
        Permute(context.Workers, context.Batch, context.Output.Shape, inverse, context.Gradient, gradient.Pointer);
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

    // For each element of the result, the place it comes from.
    private static int[] Places(long[] shape, int[] permutation)
    {
        int[] from = [.. Enumerable.Range(0, (int)Shapes.Count(shape))], to = new int[from.Length];
        fixed (int* source = from, target = to) Permute(Workers.Single, 1, shape, permutation, (float*)source, (float*)target);
        return to;
    }
}
