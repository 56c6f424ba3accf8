using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// A factor whose lines lie side by side along the depth: number (line, d) at line·depth + d. Two threads read 32 bytes of a
/// line, and transpose them on their way to shared memory.
/// </summary>
internal struct LineOperand : ITileOperand
{
    private ArrayView<float> _values;
    private ArrayView<Float4> _fours;
    private long _start, _fourStart, _end;
    private int _vectors, _to;

    /// <summary>The lines from <paramref name="first"/>.</summary>
    /// <param name="values">float32 [lines, depth].</param>
    /// <param name="lines">Lines there are.</param>
    /// <param name="depth">Numbers of a line.</param>
    /// <param name="first">First line of the tile.</param>
    /// <param name="vectors">Not 0 where every fourth number of every line lies on 16 bytes.</param>
    /// <param name="stride">Floats between two depths of a slice.</param>
    public static LineOperand Of(ArrayView<float> values, long lines, long depth, long first, int vectors, int stride)
    {
        int thread = Group.IdxX, line = thread >> 1, at = 4 * (thread & 1);
        LineOperand operand = default;
        operand._values = values;
        operand._fours = values.Cast<Float4>();
        operand._vectors = vectors;
        operand._start = ((first + line) * depth) + at;
        operand._fourStart = operand._start >> 2;

        // A line that is not there has no numbers.
        operand._end = first + line < lines ? (first + line + 1) * depth : 0;
        operand._to = (at * stride) + line;
        return operand;
    }

    /// <inheritdoc/>
    public readonly FetchedNumbers Fetch(long depth)
    {
        FetchedNumbers fetched = default;
        long from = _start + depth;
        if (from >= _end) return fetched;
        if (_vectors != 0)
        {
            fetched.Values = _fours[_fourStart + (depth >> 2)];
            return fetched;
        }

        fetched.Values.X = _values[from];
        if (from + 1 < _end) fetched.Values.Y = _values[from + 1];
        if (from + 2 < _end) fetched.Values.Z = _values[from + 2];
        if (from + 3 < _end) fetched.Values.W = _values[from + 3];
        return fetched;
    }

    /// <inheritdoc/>
    public readonly void Place(ArrayView<float> shared, long slice, int stride, FetchedNumbers fetched)
    {
        long to = slice + _to;
        shared[to] = fetched.Values.X;
        shared[to + stride] = fetched.Values.Y;
        shared[to + (2 * stride)] = fetched.Values.Z;
        shared[to + (3 * stride)] = fetched.Values.W;
    }
}
