using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// An operator that moves elements: every element of the output is one of the input's, found by looking up its index along
/// each axis, or a filler. The examples' axis stays as it is. Elements that stay neighbors move together.
/// </summary>
internal abstract unsafe class PickOperator : Operator
{
    /// <summary>An index that means the filler.</summary>
    protected const int Filler = -1;

    private int[]?[] _picks = [];
    private int[] _places = [];
    private long _run = 1;
    private float _filler;
    private bool _view;

    protected PickOperator(NodeBuilder node, int inputs, int optionalInputs = 0, bool severalOutputs = false)
        : base(node, inputs, optionalInputs, severalOutputs)
    {
    }

    public override StepFacts? Facts => new PicksFacts(_picks, _filler);

    public override bool IsView => _view;

    public override bool SharesGradient(int input) => _view;

    public override bool KeepsInput(int input, bool[] wants) => false;

    /// <summary>Declares the output.</summary>
    /// <param name="node">The node.</param>
    /// <param name="picks">For each axis the input's index for each of the output's; null for an axis left alone.</param>
    /// <param name="reshape">The output's axes from the picked ones, where they differ; with where the examples' axis goes.</param>
    /// <param name="filler">What stands where nothing was picked.</param>
    protected void Declare(
        NodeBuilder node, int[]?[] picks, Func<long[], Placement, (long[] Shape, Placement Placement)>? reshape = null, float filler = 0)
    {
        Value x = node.Peek(0);
        (_filler, _picks) = (filler, picks);
        _view = reshape is null && Array.TrueForAll(picks, static p => p is null);
        if (_view)
        {
            node.ViewOf(0, x.Shape, x.Placement);
            return;
        }

        for (int axis = 0; axis < picks.Length; axis++)
        {
            if (picks[axis] is not null && x.Placement.HasAxis && axis == x.Placement.Axis)
                throw node.Refuse($"picks along axis {axis} of {x}, which holds the examples");
        }

        long[] picked = [.. picks.Select((p, axis) => p?.Length ?? x.Shape[axis])];
        (long[] shape, Placement placement) = reshape is null ? (picked, x.Placement) : reshape(picked, x.Placement);
        if (x.Numbers is null) node.Data(0, marked: x.Whole);
        if (Math.Max(x.Length, node.Like(x, shape, placement).Length) > int.MaxValue)
            throw node.Refuse($"moves {node.Output!.Length} elements of {x}; at most {int.MaxValue} of an example are supported");
        if (x.Whole && (x.Numbers is not null || x.Marks is not null))
        {
            node.RefuseTable(node.Output!.Length);
            WholeNumbers.Move(node, Places(x.Shape, picks, 1), shape, placement, (long)filler);
        }

        if (node.Output!.Numbers is not null) return;
        node.Holds(View(x, picks, picked, shape));

        // From the last axis that is picked on, elements follow each other: whole axes, and a range of that axis.
        int last = Array.FindLastIndex(picks, static p => p is not null);
        _run = Shapes.Count(picked.Skip(last + 1));
        bool range = last >= 0 && picks[last]!.Length > 0 && picks[last]![0] >= 0
            && picks[last]!.Zip(picks[last]!.Skip(1), static (a, b) => b == a + 1).All(static next => next);
        if (range) _run *= picked[last];
        node.RefuseTable(node.Output.Length / Math.Max(_run, 1));
        _places = Places(
            x.Shape, range ? [.. picks.Select((p, axis) => axis == last ? (int[])[p![0]] : p)] : picks, _run / (range ? picked[last] : 1));
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        float* from = x.Data, target = y.Data;
        long length = y.Length, stride = x.Stride, run = _run;
        context.Workers.Run(y.Parts, Math.Max(Vectors.Grain / Math.Max(length, 1), 1), (start, end) =>
        {
            for (long part = start; part < end; part++)
            {
                float* read = from + (part * stride), write = target + (part * length);
                for (long i = 0; i < _places.Length; i++, write += run)
                {
                    if (_places[i] < 0) new Span<float>(write, (int)run).Fill(_filler);
                    else if (run == 1) *write = read[_places[i]];
                    else Buffer.MemoryCopy(read + _places[i], write, run * sizeof(float), run * sizeof(float));
                }
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        if (_view)
        {
            context.Share(0);
            return;
        }

        NativeBuffer<float> gradient = context.RentZero(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        long length = context.Output.Length, stride = context.Input(0).Length, run = _run;
        context.Workers.Run(context.Batch, Math.Max(Vectors.Grain / Math.Max(length, 1), 1), (start, end) =>
        {
            for (long b = start; b < end; b++)
            {
                float* read = delta + (b * length), write = to + (b * stride);
                for (long i = 0; i < _places.Length; i++, read += run)
                {
                    if (_places[i] < 0) continue;
                    if (run == 1) write[_places[i]] += *read;
                    else Vectors.Add(read, write + _places[i], run);
                }
            }
        });
        context.Give(0, gradient);
    }

    // Even steps along every axis leave a parameter's elements a view.
    private static ParameterView? View(Value x, int[]?[] picks, long[] picked, long[] shape)
    {
        if (x.View is not { } view) return null;
        for (int axis = 0; axis < picks.Length; axis++)
        {
            if (picks[axis] is not { } pick) continue;
            if (pick.Length == 0 || pick[0] < 0) return null;
            int step = pick.Length > 1 ? pick[1] - pick[0] : 1;
            if (step <= 0 || pick.Where((p, i) => p != pick[0] + (i * step)).Any()) return null;
            view = view.Sliced(axis, pick[0], step);
        }

        return picked.AsSpan().SequenceEqual(shape) ? view : view.Reshaped(picked, shape);
    }

    // Where the runs begin in an example: one for each combination of the picked indices before the run.
    private static int[] Places(long[] shape, int[]?[] picks, long run)
    {
        long inner = 1;
        int rank = shape.Length;
        while (rank > 0 && inner < run) inner *= shape[--rank];
        long count = 1;
        for (int axis = 0; axis < rank; axis++) count *= picks[axis]?.Length ?? shape[axis];
        int[] places = new int[count];
        long repeat = 1, stride = inner;
        for (int axis = rank - 1; axis >= 0; axis--)
        {
            int[]? pick = picks[axis];
            long size = pick?.Length ?? shape[axis];
            for (long i = 0; i < count; i++)
            {
                long index = i / repeat % size;
                int from = pick is null ? (int)index : pick[index];
                places[i] = from < 0 || places[i] < 0 ? Filler : checked(places[i] + (int)(from * stride));
            }

            repeat *= size;
            stride *= shape[axis];
        }

        return places;
    }
}
