using ILGPU;

namespace TrakFast.Kernels;

/// <summary>Gradients that are written out: rows of numbers, one for each position of each example, at any strides.</summary>
internal struct RowSource : IGradientSource
{
    /// <summary>The numbers.</summary>
    public ArrayView<float> Values;

    /// <summary>Elements between two examples, two positions and two elements; the coordinate of element 0.</summary>
    public long ExampleStride, PositionStride, ElementStride, First;

    /// <summary>Rows of an example.</summary>
    public int Positions;

    /// <inheritdoc/>
    public readonly long Place(long i) => i;

    /// <inheritdoc/>
    public readonly long Coordinate(long place) => First + place;

    /// <inheritdoc/>
    public readonly float Value(long row, long place)
    {
        long example = row, position = 0;
        if (Positions > 1)
        {
            example = row / Positions;
            position = row - (example * Positions);
        }

        return Values[(example * ExampleStride) + (position * PositionStride) + (place * ElementStride)];
    }
}
