using System.Collections.Concurrent;
using System.Numerics;

namespace TrakFast.Kernels;

/// <summary>
/// Native scratch that its owner lends out again and again, so that work in a steady state allocates nothing. Lengths are
/// rounded up to powers of two, and up to four times as much that lies idle is taken before new memory. Disposing frees all of it.
/// </summary>
public sealed class ScratchPool : IDisposable
{
    /// <summary>Larger shelves that are looked through before memory is taken.</summary>
    private const int LookUp = 2;

    private readonly ConcurrentBag<NativeBuffer<float>>[] _shelves =
        [.. Enumerable.Range(0, 48).Select(_ => new ConcurrentBag<NativeBuffer<float>>())];

    /// <summary>Lends at least <paramref name="length"/> floats with arbitrary contents until the lease is disposed.</summary>
    public Lease Rent(long length)
    {
        int shelf = 64 - BitOperations.LeadingZeroCount((ulong)Math.Max(length, 1024) - 1);
        for (int larger = shelf; larger <= Math.Min(shelf + LookUp, _shelves.Length - 1); larger++)
        {
            if (_shelves[larger].TryTake(out NativeBuffer<float>? idle)) return new Lease(_shelves[larger], idle);
        }

        return new Lease(_shelves[shelf], new NativeBuffer<float>(1L << shelf));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ConcurrentBag<NativeBuffer<float>> shelf in _shelves)
        {
            while (shelf.TryTake(out NativeBuffer<float>? buffer)) buffer.Dispose();
        }
    }

    /// <summary>Scratch on loan.</summary>
    public readonly struct Lease : IDisposable
    {
        private readonly ConcurrentBag<NativeBuffer<float>> _shelf;
        private readonly NativeBuffer<float> _buffer;

        internal Lease(ConcurrentBag<NativeBuffer<float>> shelf, NativeBuffer<float> buffer) => (_shelf, _buffer) = (shelf, buffer);

        /// <summary>The first float; aligned to a cache line.</summary>
        public unsafe float* Pointer => _buffer.Pointer;

        /// <summary>Gives the scratch back.</summary>
        public void Dispose() => _shelf.Add(_buffer);
    }
}
