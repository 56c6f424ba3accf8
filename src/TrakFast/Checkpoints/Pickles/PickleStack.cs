namespace TrakFast;

/// <summary>The stack of a pickle's machine, and its marks.</summary>
/// <param name="path">What errors call the file.</param>
internal sealed class PickleStack(string path)
{
    private readonly List<object?> _values = [];
    private readonly List<int> _marks = [];

    /// <summary>Puts a value on top.</summary>
    public void Push(object? value) => _values.Add(value);

    /// <summary>Marks the place above the top.</summary>
    public void Mark() => _marks.Add(_values.Count);

    /// <summary>The value on top.</summary>
    /// <exception cref="CheckpointException">There is none above the last mark.</exception>
    public object? Peek()
    {
        Require(1);
        return _values[^1];
    }

    /// <summary>Takes the value on top away.</summary>
    /// <exception cref="CheckpointException">There is none above the last mark.</exception>
    public object? Pop()
    {
        object? value = Peek();
        _values.RemoveAt(_values.Count - 1);
        return value;
    }

    /// <summary>Takes the values on top away, the lowest first.</summary>
    /// <exception cref="CheckpointException">There are not so many above the last mark.</exception>
    public object?[] Pop(int count)
    {
        Require(count);
        object?[] values = [.. _values.Skip(_values.Count - count)];
        _values.RemoveRange(_values.Count - count, count);
        return values;
    }

    /// <summary>Takes everything above the last mark away, and the mark.</summary>
    /// <exception cref="CheckpointException">There is no mark.</exception>
    public object?[] PopMarked()
    {
        if (_marks.Count == 0) throw new CheckpointException($"{path} is damaged: its pickle wants a mark that was not set.");
        object?[] values = Pop(_values.Count - _marks[^1]);
        _marks.RemoveAt(_marks.Count - 1);
        return values;
    }

    /// <summary>Takes away what is on top, a value or a mark.</summary>
    public void Drop()
    {
        if (_marks.Count > 0 && _marks[^1] == _values.Count) _marks.RemoveAt(_marks.Count - 1);
        else Pop();
    }

    private void Require(int count)
    {
        if (_values.Count - (_marks.Count > 0 ? _marks[^1] : 0) < count)
            throw new CheckpointException($"{path} is damaged: its pickle takes more from its stack than is there.");
    }
}
