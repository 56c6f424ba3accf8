using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// A factor whose lines are the columns of rows X: number (line, d) at d·columns + line, times the scale of row d. A warp reads
/// 512 bytes of a row, and places them as they are.
/// </summary>
internal struct ColumnOperand : ITileOperand
{
    private ArrayView<float> _values, _scale;
    private long _rows, _columns, _line;
    private int _vectors;

    /// <summary>The columns from <paramref name="first"/>.</summary>
    /// <param name="values">float32 [rows, columns].</param>
    /// <param name="scale">float32 [rows], or nothing for ones.</param>
    /// <param name="rows">Rows there are, which are the depth.</param>
    /// <param name="columns">Columns there are.</param>
    /// <param name="first">First column of the tile.</param>
    /// <param name="vectors">Not 0 where every fourth number of every row lies on 16 bytes.</param>
    public static ColumnOperand Of(ArrayView<float> values, ArrayView<float> scale, long rows, long columns, long first, int vectors)
    {
        ColumnOperand operand = default;
        operand._values = values;
        operand._scale = scale;
        operand._columns = columns;
        operand._vectors = vectors;
        operand._line = first + (4 * (Group.IdxX & 31));
        operand._rows = rows;
        return operand;
    }

    private static int Row => Group.IdxX >> 5;

    /// <inheritdoc/>
    public readonly FetchedNumbers Fetch(long depth)
    {
        FetchedNumbers fetched = default;
        long row = depth + Row, from = (row * _columns) + _line;
        if (row >= _rows || _line >= _columns) return fetched;
        fetched.Scale = 1f;
        if (_scale.Length > 0) fetched.Scale = _scale[row];
        if (_vectors != 0)
        {
            fetched.Values = _values.Cast<Float4>()[from >> 2];
            return fetched;
        }

        fetched.Values.X = _values[from];
        if (_line + 1 < _columns) fetched.Values.Y = _values[from + 1];
        if (_line + 2 < _columns) fetched.Values.Z = _values[from + 2];
        if (_line + 3 < _columns) fetched.Values.W = _values[from + 3];
        return fetched;
    }

    /// <inheritdoc/>
    public readonly void Place(ArrayView<float> shared, long slice, int stride, FetchedNumbers fetched)
    {
        Float4 values = fetched.Values;
        values.X *= fetched.Scale;
        values.Y *= fetched.Scale;
        values.Z *= fetched.Scale;
        values.W *= fetched.Scale;
        shared.Cast<Float4>()[((slice + (Row * stride)) >> 2) + (Group.IdxX & 31)] = values;
    }
}
