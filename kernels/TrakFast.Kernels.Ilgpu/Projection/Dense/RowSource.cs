using ILGPU;

namespace TrakFast.Kernels;

/// <summary>Gradients that are written out: rows of numbers, one for each position of each example, at any strides.</summary>
internal struct RowSource : ISharedSource
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
    public readonly float Value(long row, long place) => Values[Start((int)row) + (place * ElementStride)];

    /// <inheritdoc/>
    readonly FourRows ISharedSource.Values(int row, int rows, long place0, long place1)
    {
        place0 *= ElementStride;
        place1 *= ElementStride;
        long start0 = Start(IntrinsicMath.Min(row, rows - 1)), start1 = Start(IntrinsicMath.Min(row + 8, rows - 1));
        long start2 = Start(IntrinsicMath.Min(row + 16, rows - 1)), start3 = Start(IntrinsicMath.Min(row + 24, rows - 1));
        FourRows values;
        values.First.X = Values[start0 + place0];
        values.Second.X = Values[start0 + place1];
        values.First.Y = Values[start1 + place0];
        values.Second.Y = Values[start1 + place1];
        values.First.Z = Values[start2 + place0];
        values.Second.Z = Values[start2 + place1];
        values.First.W = Values[start3 + place0];
        values.Second.W = Values[start3 + place1];
        return values;
    }

    /// <summary>Where a row starts.</summary>
    private readonly long Start(int row)
    {
        if (Positions == 1) return row * ExampleStride;
        uint example = (uint)row / (uint)Positions;
        return (example * ExampleStride) + (((uint)row - (example * (uint)Positions)) * PositionStride);
    }
}
