using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// One factor of a product of 128 × 128 tiles: 256 threads bring a slice of 8 depths × 128 lines to shared memory, four numbers
/// each. Fetching and placing are apart, so that numbers are under way while the slice before is multiplied.
/// </summary>
internal interface ITileOperand
{
    /// <summary>This thread's four numbers of the slice that begins at a depth; zeros beyond the factor's ends.</summary>
    FetchedNumbers Fetch(long depth);

    /// <summary>Puts them into the slice [8, stride] that begins at <paramref name="slice"/>.</summary>
    void Place(ArrayView<float> shared, long slice, int stride, FetchedNumbers fetched);
}

/// <summary>What is under way from global memory; nothing may be computed from it before it is placed, or it would be waited for.</summary>
internal struct FetchedNumbers
{
    /// <summary>Four numbers.</summary>
    public Float4 Values;

    /// <summary>What they are to be multiplied by.</summary>
    public float Scale;
}
