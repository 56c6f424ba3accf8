using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>A tensor that a layer read or gave, and which of its axes holds the examples, each with the same number of entries.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Axis">The axis; −1 where all examples share the tensor, null where they cannot be told apart.</param>
/// <param name="Batch">Number of examples B.</param>
internal sealed record Operand(Tensor Tensor, int? Axis, int Batch)
{
    /// <summary>Whether one axis holds the examples.</summary>
    public bool Splits => Axis >= 0 && Tensor.shape[Axis.Value] % Batch == 0;

    /// <summary>[B, c, …]: the examples' axis in front, then each example's entries on it.</summary>
    public Tensor ByExample
    {
        get
        {
            Tensor front = Axis == 0 ? Tensor : Tensor.transpose(0, Axis!.Value);
            long[] shape = front.shape;
            return front.reshape([Batch, shape[0] / Batch, .. shape.AsSpan(1)]);
        }
    }

    /// <summary>
    /// The axis in which a tensor's sizes for two numbers of examples differ, as those do; −1 where no size differs, null where
    /// the sizes tell nothing.
    /// </summary>
    public static int? FindAxis(IReadOnlyList<long> some, int batch, IReadOnlyList<long> others, int otherBatch)
    {
        if (some.Count != others.Count) return null;
        int[] differing = [.. Enumerable.Range(0, some.Count).Where(i => some[i] != others[i])];
        if (differing.Length == 0) return -1;
        int axis = differing[0];
        return differing.Length == 1 && some[axis] % batch == 0 && others[axis] % otherBatch == 0
            && some[axis] / batch == others[axis] / otherBatch
            ? axis
            : null;
    }

    /// <summary>One example's part, with its axes as they are; the whole where all examples share it.</summary>
    public Operand Example(int example)
    {
        if (Axis < 0) return this with { Batch = 1 };
        long entries = Tensor.shape[Axis!.Value] / Batch;
        return new Operand(Tensor.narrow(Axis.Value, example * entries, entries), Axis, 1);
    }
}
