using Microsoft.ML;

namespace TrakFast.ML;

/// <summary>One pass over a data view, from its beginning to its end.</summary>
internal sealed class DataViewPass : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly Func<object?>[] _getters;

    /// <summary>Begins before the first row.</summary>
    /// <param name="view">The view.</param>
    /// <param name="columns">The columns that are read. A value is computed when it is asked for, so that the others cost little.</param>
    public DataViewPass(IDataView view, DataViewSchema.Column[] columns)
    {
        _cursor = Cursor(view, columns);
        try
        {
            _getters = [.. columns.Select(column => DataViewValues.Getter(_cursor, column))];
        }
        catch
        {
            _cursor.Dispose();
            throw;
        }
    }

    /// <summary>The row that the pass stands at; −1 before the first.</summary>
    public long Row { get; private set; } = -1;

    /// <summary>Goes to a row that is not before the present one.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>Whether there is such a row.</returns>
    public bool MoveTo(long row)
    {
        for (; Row < row; Row++)
        {
            if (!_cursor.MoveNext()) return false;
        }

        return true;
    }

    /// <summary>A value of the present row.</summary>
    /// <param name="column">The column's place among those that are read.</param>
    public object? Value(int column) => _getters[column]();

    /// <inheritdoc/>
    public void Dispose() => _cursor.Dispose();

    // An ordinary cursor computes all values of many rows ahead on threads of its own, those that nobody asks for too, and one that
    // fails spoils its neighbors. One cursor of a set does neither.
    private static DataViewRowCursor Cursor(IDataView view, DataViewSchema.Column[] columns)
    {
        DataViewRowCursor[] set = view.GetRowCursorSet(columns, 1);
        if (set.Length == 1) return set[0];
        foreach (DataViewRowCursor cursor in set) cursor.Dispose();
        return view.GetRowCursor(columns);
    }
}
