namespace TrakFast.Kernels;

/// <summary>Where a kernel that projects finds gradients: element i of a row has a place, and a place has a coordinate and values.</summary>
internal interface IGradientSource
{
    /// <summary>Where element <paramref name="i"/> lies; found once for all rows.</summary>
    long Place(long i);

    /// <summary>The flat gradient coordinate of a place.</summary>
    long Coordinate(long place);

    /// <summary>The value of a row at a place.</summary>
    float Value(long row, long place);
}
