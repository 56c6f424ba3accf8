using System.Runtime.InteropServices;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// A <see cref="Variable"/> that is a float32 tensor of TorchSharp, on whatever device it lies. A task may unwrap it, use any of
/// torch's operations, and wrap the result: <c>new TorchVariable(((TorchVariable)result["logits"]).Tensor.square())</c>. Every
/// tensor belongs to the pass that it was computed in and is freed with its <see cref="ModelResult"/>.
/// </summary>
public sealed class TorchVariable : Variable
{
    /// <summary>Wraps a tensor; its history stays with it.</summary>
    /// <param name="tensor">A float32 tensor.</param>
    /// <exception cref="TrakException">The tensor is not float32.</exception>
    public TorchVariable(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.dtype != ScalarType.Float32)
            throw new TrakException($"A variable is float32; the tensor is {tensor.dtype} {Shapes.Text(tensor.shape)}.");
        Tensor = tensor;
    }

    /// <summary>The tensor.</summary>
    public Tensor Tensor { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Shape => Tensor.shape;

    /// <inheritdoc/>
    public override Variable Add(Variable other) => Binary(other, static (a, b) => a + b);

    /// <inheritdoc/>
    public override Variable Subtract(Variable other) => Binary(other, static (a, b) => a - b);

    /// <inheritdoc/>
    public override Variable Multiply(Variable other) => Binary(other, static (a, b) => a * b);

    /// <inheritdoc/>
    public override Variable Divide(Variable other) => Binary(other, static (a, b) => a / b);

    /// <inheritdoc/>
    public override Variable MatMul(Variable other)
    {
        Tensor b = Of(other);
        long[] left = Tensor.shape, right = b.shape;
        int rank = left.Length;

        // A shape that torch.matmul refuses would end the process.
        if (rank < 2 || right.Length != rank || left[^1] != right[^2] || !left.AsSpan(0, rank - 2).SequenceEqual(right.AsSpan(0, rank - 2)))
            throw new TrakException($"Matrices {Shapes.Text(left)} and {Shapes.Text(right)} cannot be multiplied.");
        return new TorchVariable(Tensor.matmul(b));
    }

    /// <inheritdoc/>
    public override Variable Negate() => new TorchVariable(Tensor.neg());

    /// <inheritdoc/>
    public override Variable Exp() => new TorchVariable(Tensor.exp());

    /// <inheritdoc/>
    public override Variable Log() => new TorchVariable(Tensor.log());

    /// <inheritdoc/>
    public override Variable Sigmoid() => new TorchVariable(Tensor.sigmoid());

    /// <inheritdoc/>
    public override Variable Tanh() => new TorchVariable(Tensor.tanh());

    /// <inheritdoc/>
    public override Variable Sum() => new TorchVariable(Tensor.sum());

    /// <inheritdoc/>
    public override Variable Sum(int axis, bool keepAxis = false) => new TorchVariable(Tensor.sum((long)Axis(axis), keepdim: keepAxis));

    /// <inheritdoc/>
    public override Variable Mean(int axis, bool keepAxis = false) => new TorchVariable(Tensor.mean([Axis(axis)], keepdim: keepAxis));

    /// <inheritdoc/>
    public override Variable LogSumExp(int axis, DataArray? without = null)
    {
        axis = Axis(axis);
        Tensor values = Tensor;
        if (without is not null)
        {
            Tensor left = Positions(without, axis);
            values = values.masked_fill(
                zeros_like(values, dtype: ScalarType.Bool).scatter(axis, left, ones_like(left, dtype: ScalarType.Bool)),
                float.NegativeInfinity);
        }

        if (values.shape[axis] == 0)
            return Constant(
                DataArray.From([.. Enumerable.Repeat(float.NegativeInfinity, (int)Shapes.Count(Without(axis)))], Without(axis)));

        // Where nothing is left, torch's gradient would be 0 · ∞: the sum of an axis of zeros stands there instead, and is masked.
        Tensor empty = values.isneginf().all(axis, keepdim: true);
        Tensor sum = values.masked_fill(empty, 0).logsumexp(axis);
        return new TorchVariable(sum.masked_fill(empty.squeeze(axis), float.NegativeInfinity));
    }

    /// <inheritdoc/>
    public override Variable Softmax(int axis) => new TorchVariable(Tensor.softmax(Axis(axis)));

    /// <inheritdoc/>
    public override Variable Gather(int axis, DataArray indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        axis = Axis(axis);
        long[] shape = Tensor.shape;
        if (indices.Shape.Count != shape.Length || indices.Shape.Where((s, i) => i != axis && s > shape[i]).Any())
            throw new TrakException(
                $"Indices {Shapes.Text(indices.Shape)} do not fit a variable of shape {Shapes.Text(shape)} along axis {axis}.");
        long[] picks = Longs(indices);
        long wrong = Array.FindIndex(picks, p => p < 0 || p >= shape[axis]);
        if (wrong >= 0)
            throw new TrakException($"Index {picks[wrong]} lies outside axis {axis} of a variable of shape {Shapes.Text(shape)}.");
        return new TorchVariable(Tensor.gather(axis, Indices(picks, indices.Shape)));
    }

    /// <inheritdoc/>
    public override Variable MaskedFill(DataArray mask, float value)
    {
        ArgumentNullException.ThrowIfNull(mask);
        bool[] holds = [.. Longs(mask).Select(static v => v != 0)];
        Tensor where = TorchMemory.ToTensor(DataArray.From(holds, [.. mask.Shape]), Tensor.device);
        return Broadcasts(mask.Shape)
            ? new TorchVariable(Tensor.masked_fill(where, value))
            : throw new ArgumentException($"A mask {Shapes.Text(mask.Shape)} does not broadcast to {Shapes.Text(Shape)}.", nameof(mask));
    }

    /// <inheritdoc/>
    public override Variable Reshape(params long[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        long[] sizes = [.. shape];
        int free = Array.IndexOf(sizes, -1);
        long others = Shapes.Count(sizes.Where((_, i) => i != free)), count = Tensor.numel();
        if (free >= 0) sizes[free] = others == 0 ? 0 : count / others;
        if (sizes.Any(static s => s < 0) || Shapes.Count(sizes) != count)
            throw new TrakException($"A variable of shape {Shapes.Text(Shape)} cannot be reshaped to {Shapes.Text(shape)}.");
        return new TorchVariable(Tensor.reshape(sizes));
    }

    /// <inheritdoc/>
    public override Variable Transpose(int axis0, int axis1) => new TorchVariable(Tensor.transpose(Axis(axis0), Axis(axis1)));

    /// <inheritdoc/>
    public override Variable Detach() => new TorchVariable(Tensor.detach().requires_grad_());

    /// <inheritdoc/>
    public override Variable Constant(DataArray values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new TorchVariable(TorchMemory.ToTensor(values, Tensor.device).to_type(ScalarType.Float32));
    }

    /// <inheritdoc/>
    public override Variable GradientWith(Variable input)
    {
        Tensor from = Of(input);
        if (!Tensor.requires_grad || !from.requires_grad) return new TorchVariable(zeros_like(from));

        // It adds to what is there.
        from.grad = null;
        TorchErrors.Backpropagate([Tensor.sum()], null, [from], keep: true);
        Tensor? gradient = from.grad;
        from.grad = null;
        return new TorchVariable(gradient ?? zeros_like(from));
    }

    /// <inheritdoc/>
    public override float[] ToArray() => MemoryMarshal.Cast<byte, float>(TorchMemory.ToArray(Tensor).Bytes).ToArray();

    /// <summary>The tensor of what a task made of a pass's outputs.</summary>
    /// <param name="outputs">What the task made.</param>
    /// <exception cref="ArgumentException">Another engine made it.</exception>
    /// <exception cref="ObjectDisposedException">Its pass is disposed.</exception>
    public static Tensor OfOutputs(Variable outputs)
    {
        Tensor tensor = outputs is TorchVariable torch
            ? torch.Tensor
            : throw new ArgumentException("The outputs were not made by this engine.", nameof(outputs));
        ObjectDisposedException.ThrowIf(tensor.IsInvalid, typeof(ModelResult));
        return tensor;
    }

    private static Tensor Of(Variable other) => other is TorchVariable torch
        ? torch.Tensor
        : throw new TrakException(
            $"A TorchSharp variable was combined with a {other.GetType().Name}; all variables of a task come from one engine.");

    private TorchVariable Binary(Variable other, Func<Tensor, Tensor, Tensor> function)
    {
        Tensor b = Of(other);
        return CanBroadcast(Tensor.shape, b.shape)
            ? new TorchVariable(function(Tensor, b))
            : throw new TrakException($"Shapes {Shapes.Text(Tensor.shape)} and {Shapes.Text(b.shape)} do not broadcast.");
    }

    private static bool CanBroadcast(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        for (int back = 1; back <= Math.Min(a.Count, b.Count); back++)
        {
            if (a[^back] != b[^back] && a[^back] != 1 && b[^back] != 1) return false;
        }

        return true;
    }

    private bool Broadcasts(IReadOnlyList<long> shape)
    {
        IReadOnlyList<long> mine = Shape;
        return shape.Count <= mine.Count && Enumerable.Range(1, shape.Count).All(back => shape[^back] == 1 || shape[^back] == mine[^back]);
    }

    private Tensor Positions(DataArray positions, int axis)
    {
        long[] expected = Tensor.shape;
        long along = expected[axis];
        expected[axis] = 1;
        if (!positions.Shape.SequenceEqual(expected))
            throw new TrakException(
                $"Positions {Shapes.Text(positions.Shape)} do not fit a variable of shape {Shapes.Text(Shape)} along axis {axis}.");
        long[] values = Longs(positions);
        int wrong = Array.FindIndex(values, v => v < 0 || v >= along);
        return wrong < 0
            ? Indices(values, expected)
            : throw new TrakException($"Position {values[wrong]} lies outside axis {axis} of a variable of shape {Shapes.Text(Shape)}.");
    }

    private Tensor Indices(long[] values, IReadOnlyList<long> shape) =>
        TorchMemory.ToTensor(DataArray.From(values, [.. shape]), Tensor.device);

    private static long[] Longs(DataArray array) => array.ToLongs();

    private long[] Without(int axis) => [.. Tensor.shape.Where((_, i) => i != axis)];

    private int Axis(int axis)
    {
        int rank = Tensor.shape.Length;
        return axis >= -rank && axis < rank
            ? (axis < 0 ? axis + rank : axis)
            : throw new TrakException($"A variable of shape {Shapes.Text(Shape)} has no axis {axis}.");
    }
}
