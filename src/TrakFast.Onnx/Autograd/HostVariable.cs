using System.Diagnostics;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// The managed engine's variable: values in managed memory and, behind each operation, how gradients flow back through
/// it. The operations stand in the other parts of this class.
/// </summary>
internal sealed partial class HostVariable : Variable
{
    private readonly long[] _shape;
    private readonly float[] _values;
    private readonly HostArrays _arrays;
    private readonly long _generation;
    private readonly HostVariable[] _parents;
    private readonly Flow? _flow;

    private HostVariable(
        HostArrays arrays, float[] values, IEnumerable<long> shape, HostVariable[] parents, Flow? flow, OutputSource? source = null)
    {
        _shape = [.. shape];
        _arrays = arrays;
        _generation = arrays.Generation;
        _values = values;
        _parents = parents;
        _flow = flow;
        Source = source;
        Debug.Assert(Shapes.Count(_shape) == values.Length);
    }

    /// <summary>Turns the gradient of a result into those of its operands, null where an operand wants none.</summary>
    /// <param name="gradient">Of the result's length.</param>
    /// <param name="wanted">Which operands want one.</param>
    private delegate float[]?[] Flow(float[] gradient, bool[] wanted);

    /// <inheritdoc/>
    public override IReadOnlyList<long> Shape => _shape;

    /// <summary>The model output this is, or null.</summary>
    public OutputSource? Source { get; }

    private float[] Values
    {
        get
        {
            ObjectDisposedException.ThrowIf(_generation != _arrays.Generation, typeof(ModelResult));
            return _values;
        }
    }

    /// <summary>A variable that no operation made.</summary>
    /// <param name="arrays">What it and all that is computed from it live in.</param>
    /// <param name="values">Its elements, an array of those or of the caller's own.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="source">The model output it is, or null.</param>
    public static HostVariable Leaf(HostArrays arrays, float[] values, IEnumerable<long> shape, OutputSource? source = null) =>
        new(arrays, values, shape, [], null, source);

    /// <inheritdoc/>
    public override Variable Detach() => Leaf(_arrays, Values, _shape);

    /// <inheritdoc/>
    public override Variable Constant(DataArray values)
    {
        ArgumentNullException.ThrowIfNull(values);
        float[] copy = _arrays.Floats(values.Length);
        values.CopyTo(copy);
        return Leaf(_arrays, copy, values.Shape);
    }

    /// <inheritdoc/>
    public override float[] ToArray() => [.. Values];

    /// <inheritdoc/>
    public override Variable GradientWith(Variable input)
    {
        HostVariable target = Own(input);
        Dictionary<HostVariable, float[]> gradients = Tape(node => node == target);
        return Leaf(
            _arrays, gradients.TryGetValue(target, out float[]? gradient) ? gradient : _arrays.Floats(target.Values.Length), target._shape);
    }

    /// <summary>∂(Σ this)/∂output for every model output this was computed from.</summary>
    public IReadOnlyList<(OutputSource Source, float[] Gradient)> GradientsAtOutputs() =>
        [.. Tape(static node => node.Source is not null)
            .Where(static g => g.Key.Source is not null)
            .Select(static g => (g.Key.Source!, g.Value))
            .OrderBy(static g => g.Item1.Output)];

    // Walks from the root to the operands, keeps what leads to a target, and runs the flows backward.
    private Dictionary<HostVariable, float[]> Tape(Func<HostVariable, bool> isTarget)
    {
        List<HostVariable> order = Order();
        HashSet<HostVariable> wanted = [];
        foreach (HostVariable node in order)
        {
            if (isTarget(node) || node._parents.Any(wanted.Contains)) wanted.Add(node);
        }

        Dictionary<HostVariable, float[]> gradients = [];
        if (!wanted.Contains(this)) return gradients;
        float[] ones = _arrays.Floats(Values.Length);
        Array.Fill(ones, 1);
        gradients.Add(this, ones);
        for (int i = order.Count - 1; i >= 0; i--)
        {
            HostVariable node = order[i];
            if (node._flow is null || !gradients.TryGetValue(node, out float[]? gradient)) continue;
            bool[] wants = [.. node._parents.Select(wanted.Contains)];
            if (!wants.Contains(true)) continue;
            float[]?[] flows = node._flow(gradient, wants);
            for (int p = 0; p < flows.Length; p++)
            {
                if (flows[p] is not { } flow || !wants[p]) continue;
                if (gradients.TryGetValue(node._parents[p], out float[]? sum)) gradients[node._parents[p]] = Sum(sum, flow);
                else gradients.Add(node._parents[p], flow);
            }

            if (!isTarget(node)) gradients.Remove(node);
        }

        return gradients;
    }

    // Operands before results, without recursion.
    private List<HostVariable> Order()
    {
        List<HostVariable> order = [];
        HashSet<HostVariable> seen = [];
        Stack<(HostVariable Node, bool Done)> stack = new([(this, false)]);
        while (stack.TryPop(out (HostVariable Node, bool Done) next))
        {
            if (next.Done)
            {
                order.Add(next.Node);
            }
            else if (seen.Add(next.Node))
            {
                stack.Push((next.Node, true));
                foreach (HostVariable parent in next.Node._parents) stack.Push((parent, false));
            }
        }

        return order;
    }

    // Gradients may be shared between operands, so a sum is a new array.
    private float[] Sum(float[] a, float[] b)
    {
        float[] sum = _arrays.Floats(a.Length);
        for (int i = 0; i < sum.Length; i++) sum[i] = a[i] + b[i];
        return sum;
    }

    private static HostVariable Own(Variable other) => other as HostVariable
        ?? throw new ArgumentException("The variables belong to different engines.", nameof(other));

    private HostVariable Result(float[] values, IEnumerable<long> shape, Flow flow, params HostVariable[] parents) =>
        new(_arrays, values, shape, parents, flow);

    private long[] Longs(DataArray array)
    {
        if (array.Type != ElementType.Int64) return array.ToLongs();
        long[] copy = _arrays.Longs(array.Length);
        array.Values<long>().CopyTo(copy);
        return copy;
    }


    private int Axis(int axis) => axis >= -_shape.Length && axis < _shape.Length
        ? (axis + _shape.Length) % _shape.Length
        : throw new ArgumentOutOfRangeException(nameof(axis), axis, $"The variable is {Shapes.Text(_shape)}.");

    // Elements before, along and behind an axis.
    private (int Outer, int Along, int Inner) Split(int axis) => (
        (int)Shapes.Count(_shape.Take(axis)), (int)_shape[axis], (int)Shapes.Count(_shape.Skip(axis + 1)));

    private long[] Without(int axis, bool keepAxis)
    {
        long[] shape = [.. _shape];
        shape[axis] = 1;
        return keepAxis ? shape : [.. shape.Where((_, i) => i != axis)];
    }
}
