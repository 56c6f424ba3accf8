using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>
/// Which sizes a pool of buffers holds: what it takes from the system and what it has at hand. Sizes are rounded so that
/// nearly equal ones share buffers, and a somewhat larger buffer that lies idle is taken before a new one. Plans keep such
/// books without a pool.
/// </summary>
internal sealed class PoolLedger
{
    private const long Smallest = 1024;
    private readonly SortedDictionary<long, int> _idle = [];

    /// <summary>Elements taken from the system so far, in use or idle.</summary>
    public long Total { get; private set; }

    /// <summary>The size of the buffer that a wish is met with, and whether it lies idle already.</summary>
    public (long Size, bool Idle) Rent(long length)
    {
        long wanted = Size(length);
        foreach ((long size, int count) in _idle)
        {
            if (size < wanted) continue;
            if (size > 2 * wanted) break;
            if (count == 1) _idle.Remove(size);
            else _idle[size] = count - 1;
            return (size, true);
        }

        Total += wanted;
        return (wanted, false);
    }

    /// <summary>A buffer lies idle again.</summary>
    public void Return(long size) => _idle[size] = _idle.GetValueOrDefault(size) + 1;

    // Eight sizes between two powers of two: at most a ninth is wasted.
    private static long Size(long length)
    {
        if (length <= Smallest) return Smallest;
        long step = 1L << (BitOperations.Log2((ulong)(length - 1)) - 3);
        return (length + step - 1) / step * step;
    }
}
