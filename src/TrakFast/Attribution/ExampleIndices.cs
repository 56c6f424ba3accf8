namespace TrakFast;

/// <summary>
/// Which examples a stream of batches holds, in the stream's order: all from 0 on, a range, or a list. A <see cref="Range"/> such as
/// <c>100..200</c> and an array of indices convert by themselves.
/// </summary>
public readonly struct ExampleIndices
{
    private readonly IReadOnlyList<long>? _list;
    private readonly Range? _range;

    private ExampleIndices(IReadOnlyList<long>? list, Range? range) => (_list, _range) = (list, range);

    /// <summary>All examples, from 0 on.</summary>
    public static ExampleIndices All => default;

    /// <summary>Whether these are all examples.</summary>
    public bool AreAll => _list is null && _range is null;

    /// <summary>Whether these are given one by one.</summary>
    internal bool IsList => _list is not null;

    /// <summary>The examples of a range.</summary>
    /// <param name="range">First and behind the last; either may be counted from the end.</param>
    public static ExampleIndices Of(Range range) => new(null, range);

    /// <summary>The given examples, in that order.</summary>
    public static ExampleIndices Of(IReadOnlyList<long> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return new ExampleIndices(indices, null);
    }

    /// <summary>The examples of a range.</summary>
    public static implicit operator ExampleIndices(Range range) => Of(range);

    /// <summary>The given examples, in that order.</summary>
    public static implicit operator ExampleIndices(long[] indices) => Of(indices);

    /// <summary>How many examples these are of a set.</summary>
    /// <param name="total">Examples of the set.</param>
    /// <exception cref="InputException">The range does not lie in the set.</exception>
    internal long Count(long total) => _list?.Count ?? Bounds(total).Count;

    /// <summary>The indices at positions <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/>.</summary>
    internal IReadOnlyList<long> Slice(long total, long start, int count)
    {
        long[] indices = new long[count];
        long first = _list is null ? Bounds(total).First + start : 0;
        for (int i = 0; i < count; i++) indices[i] = _list is null ? first + i : _list[checked((int)start + i)];
        return indices;
    }

    private (long First, long Count) Bounds(long total)
    {
        if (_range is not { } range) return (0, total);
        long first = At(range.Start, total), end = At(range.End, total);
        return first >= 0 && first <= end && end <= total
            ? (first, end - first)
            : throw new InputException($"The range {range} does not lie in {total} examples, numbered from 0.");

        static long At(Index index, long total) => index.IsFromEnd ? total - index.Value : index.Value;
    }
}
