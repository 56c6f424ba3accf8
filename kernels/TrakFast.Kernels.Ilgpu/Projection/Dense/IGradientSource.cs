namespace TrakFast.Kernels;

/// <summary>
/// Where a kernel that projects finds gradients: element i of a row has a place, and a place has a coordinate and values.
/// </summary>
internal interface IGradientSource
{
    /// <summary>Where element <paramref name="i"/> lies; found once for all rows.</summary>
    long Place(long i);

    /// <summary>The flat gradient coordinate of a place.</summary>
    long Coordinate(long place);

    /// <summary>The value of a row at a place.</summary>
    float Value(long row, long place);
}

/// <summary>A source whose rows have the same coordinates, so that an entry of the matrix serves many.</summary>
internal interface ISharedSource : IGradientSource
{
    /// <summary>
    /// The values of four rows at two places: <paramref name="row"/> and those 8, 16 and 24 on. Rows at <paramref name="rows"/> and beyond
    /// read like the last.
    /// </summary>
    FourRows Values(int row, int rows, long place0, long place1);
}

/// <summary>Values of four rows at two places.</summary>
internal struct FourRows
{
    /// <summary>The rows' values at either place.</summary>
    public Float4 First, Second;
}
