using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// A factor whose lines lie side by side along the depth: number (line, d) at line·depth + d. Two threads read 32 bytes of a
/// line, and transpose them on their way to shared memory.
/// </summary>
internal struct LineOperand : ITileOperand
{
    private ArrayView<float> _values;
    private long _start;
    private int _count, _vectors;

    /// <summary>The lines from <paramref name="first"/>.</summary>
    /// <param name="values">float32 [lines, depth].</param>
    /// <param name="lines">Lines there are.</param>
    /// <param name="depth">Numbers of a line, below 2³¹.</param>
    /// <param name="first">First line of the tile.</param>
    /// <param name="vectors">Not 0 where every fourth number of every line lies on 16 bytes.</param>
    public static LineOperand Of(ArrayView<float> values, long lines, long depth, long first, int vectors)
    {
        LineOperand operand = default;
        operand._values = values;
        operand._vectors = vectors;
        operand._start = ((first + Line) * depth) + At;

        // A line that is not there has no numbers.
        operand._count = first + Line < lines ? (int)depth - At : 0;
        return operand;
    }

    private static int Line => Group.IdxX >> 1;

    private static int At => 4 * (Group.IdxX & 1);

    /// <inheritdoc/>
    public readonly FetchedNumbers Fetch(long depth)
    {
        FetchedNumbers fetched = default;
        int left = _count - (int)depth;
        long from = _start + depth;
        if (left <= 0) return fetched;
        if (_vectors != 0)
        {
            fetched.Values = _values.Cast<Float4>()[from >> 2];
            return fetched;
        }

        fetched.Values.X = _values[from];
        if (left > 1) fetched.Values.Y = _values[from + 1];
        if (left > 2) fetched.Values.Z = _values[from + 2];
        if (left > 3) fetched.Values.W = _values[from + 3];
        return fetched;
    }

    /// <inheritdoc/>
    public readonly void Place(ArrayView<float> shared, long slice, int stride, FetchedNumbers fetched)
    {
        long to = slice + (At * stride) + Line;
        shared[to] = fetched.Values.X;
        shared[to + stride] = fetched.Values.Y;
        shared[to + (2 * stride)] = fetched.Values.Z;
        shared[to + (3 * stride)] = fetched.Values.W;
    }
}
