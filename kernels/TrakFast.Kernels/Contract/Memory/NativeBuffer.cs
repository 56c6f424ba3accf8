using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>Zeroed host memory for elements of one type, aligned to a cache line. Disposing frees it; there is one owner.</summary>
/// <typeparam name="T">An unmanaged element type.</typeparam>
public sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    private const int Alignment = 64;

    // Below this nobody is asked how much memory there is: a system that overcommits hands out any address range, and
    // ends the process when the zeros are written.
    private const long Unquestioned = 1 << 28;
    private T* _pointer;

    /// <summary>Allocates <paramref name="length"/> zeroed elements.</summary>
    /// <exception cref="OutOfMemoryException">The machine has not that much memory.</exception>
    public NativeBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        Int128 wanted = (Int128)length * sizeof(T);
        if (wanted > Unquestioned && wanted > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            throw new OutOfMemoryException($"{length} elements of {sizeof(T)} bytes are more than this process may use.");
        nuint bytes = (nuint)wanted;
        _pointer = (T*)NativeMemory.AlignedAlloc(Math.Max(bytes, Alignment), Alignment);
        NativeMemory.Clear(_pointer, bytes);
        NativeBuffers.Opened();
    }

    /// <summary>Frees what was not disposed.</summary>
    ~NativeBuffer() => Free();

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>Address of the first element; valid until disposed.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was freed.</exception>
    public T* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    /// <summary>All elements as a span.</summary>
    /// <exception cref="OverflowException">There are more than a span can hold.</exception>
    public Span<T> Span => new(Pointer, checked((int)Length));

    /// <summary>Elements <paramref name="start"/> to <paramref name="start"/> + <paramref name="length"/> as a span.</summary>
    public Span<T> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        return new Span<T>(Pointer + start, length);
    }

    /// <summary>Sets every element to zero.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Length * (nuint)sizeof(T));

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pointer is null) return;
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        NativeBuffers.Closed();
    }
}

/// <summary>How many native buffers are alive in this process; what tests of ownership count.</summary>
internal static class NativeBuffers
{
    private static long Count;

    /// <summary>Buffers allocated and not yet freed.</summary>
    public static long Alive => Interlocked.Read(ref Count);

    internal static void Opened() => Interlocked.Increment(ref Count);

    internal static void Closed() => Interlocked.Decrement(ref Count);
}
