namespace TrakFast.Onnx;

/// <summary>
/// Managed arrays that the variables of one forward pass live in. When the pass ends they are lent to the next one, so
/// that passes over batches of one size allocate none; what the next one does not want goes to the garbage collector.
/// </summary>
internal sealed class HostArrays
{
    private readonly Shelf<float> _floats = new();
    private readonly Shelf<int> _ints = new();
    private readonly Shelf<long> _longs = new();

    /// <summary>Grows when the arrays are taken back, which ends the variables that live in them.</summary>
    public long Generation { get; private set; }

    /// <summary>An array of exactly this length, cleared.</summary>
    public float[] Floats(long length) => _floats.Rent(checked((int)length));

    /// <inheritdoc cref="Floats"/>
    public int[] Ints(long length) => _ints.Rent(checked((int)length));

    /// <inheritdoc cref="Floats"/>
    public long[] Longs(long length) => _longs.Rent(checked((int)length));

    /// <summary>Takes every array back.</summary>
    public void TakeBack()
    {
        Generation++;
        _floats.TakeBack();
        _ints.TakeBack();
        _longs.TakeBack();
    }

    private sealed class Shelf<T>
    {
        private List<T[]> _idle = [];
        private List<T[]> _lent = [];

        public T[] Rent(int length)
        {
            int place = _idle.FindIndex(a => a.Length == length);
            T[] array;
            if (place < 0)
            {
                array = new T[length];
            }
            else
            {
                array = _idle[place];
                _idle[place] = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
                Array.Clear(array);
            }

            _lent.Add(array);
            return array;
        }

        public void TakeBack()
        {
            _idle.Clear();
            (_idle, _lent) = (_lent, _idle);
        }
    }
}
