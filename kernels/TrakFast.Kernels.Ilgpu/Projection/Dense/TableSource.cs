using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Gradients of a table of which an example touches some rows: element i is the number i mod D of touched row ⌊i / D⌋, and lies
/// elsewhere for every example, so a group works on one.
/// </summary>
internal struct TableSource : IGradientSource
{
    /// <summary>Touched rows' ids.</summary>
    public ArrayView<long> Ids;

    /// <summary>Touched rows' gradients.</summary>
    public ArrayView<float> Values;

    /// <summary>The example, its elements T·D, and the coordinate of the table's first element.</summary>
    public long Example, Length, First;

    /// <summary>The width of a row D.</summary>
    public int RowLength;

    /// <inheritdoc/>
    public readonly long Place(long i) => IntrinsicMath.Min(i, Length - 1);

    /// <inheritdoc/>
    public readonly long Coordinate(long place)
    {
        long position = place / RowLength;
        return First + (Ids[(Example * (Length / RowLength)) + position] * RowLength) + (place - (position * RowLength));
    }

    /// <inheritdoc/>
    public readonly float Value(long row, long place) => Values[(row * Length) + place];
}
