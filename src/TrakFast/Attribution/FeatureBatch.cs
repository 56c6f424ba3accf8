using System.Numerics.Tensors;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>A batch's features on their way from the backend to the host.</summary>
internal sealed class FeatureBatch : IDisposable
{
    private readonly Stack<NativeBuffer<float>> _hosts;
    private readonly NativeBuffer<float> _host;
    private readonly IPendingCopy _copy;
    private readonly int _size;
    private readonly int _dimension;
    private readonly float _scale;
    private readonly Func<int, string> _nameOf;

    /// <summary>Starts the copy.</summary>
    /// <param name="backend">Where the features are made.</param>
    /// <param name="features">φ [B, k] before scaling, in the backend's memory, which later work may change.</param>
    /// <param name="hosts">Host memory that is at hand; it goes back there.</param>
    /// <param name="size">Number of examples B.</param>
    /// <param name="scale">Factor of φ.</param>
    /// <param name="outputs">f [B].</param>
    /// <param name="outToLoss">Q [B], or empty.</param>
    /// <param name="nameOf">What errors call example b of the batch.</param>
    public unsafe FeatureBatch(
        IKernelBackend backend, MemoryView features, Stack<NativeBuffer<float>> hosts, int size, float scale, float[] outputs,
        float[] outToLoss, Func<int, string> nameOf)
    {
        (_hosts, _size, _dimension, _scale, _nameOf) = (hosts, size, checked((int)(features.Length / size)), scale, nameOf);
        (Outputs, OutToLoss) = (outputs, outToLoss);
        if (hosts.TryPop(out NativeBuffer<float>? idle) && idle.Length < features.Length)
        {
            idle.Dispose();
            idle = null;
        }

        _host = idle ?? new NativeBuffer<float>(features.Length);
        _copy = backend.StartCopy(features, MemoryView.Of(_host.Pointer, features.Length));
    }

    /// <summary>f [B].</summary>
    public float[] Outputs { get; }

    /// <summary>Q [B]; empty where it was not asked for.</summary>
    public float[] OutToLoss { get; }

    /// <summary>Whether the features are here already.</summary>
    public bool IsComplete => _copy.IsComplete;

    /// <summary>φ [B, k], once; valid until this is disposed.</summary>
    /// <exception cref="InputException">A gradient is not finite.</exception>
    public Span<float> Take()
    {
        _copy.Complete();
        for (int b = 0; b < _size; b++)
        {
            Span<float> row = _host.Slice((long)b * _dimension, _dimension);
            if (_scale != 1) TensorPrimitives.Multiply(row, _scale, row);
            CheckFinite(row, row.Length, b, "gradient", _nameOf);
        }

        return _host.Slice(0, checked(_size * _dimension));
    }

    /// <summary>Gives the host memory back, once everything has arrived in it.</summary>
    public void Dispose()
    {
        _copy.Complete();
        _hosts.Push(_host);
    }

    /// <summary>Throws at the first number that is not finite.</summary>
    public static void CheckFinite(ReadOnlySpan<float> values, int width, int first, string what, Func<int, string> nameOf)
    {
        // A sum of magnitudes is finite only if every term is, short of overflow, which the search then tells apart.
        if (float.IsFinite(TensorPrimitives.SumOfMagnitudes(values))) return;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new InputException(
                    $"The {what} of {nameOf(first + (i / width))} is {values[i]}; nothing of its batch was kept. "
                    + "Look for extreme inputs, or weights that have diverged.");
        }
    }
}
