using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Gradients that are products over positions: element (r, c) of a row is Σ_t left[t, r]·right[t, c], made where it is used and
/// never written to memory. A place is r and c in its two halves.
/// </summary>
internal struct ProductSource : IGradientSource
{
    /// <summary>The factors.</summary>
    public ArrayView<float> Left, Right;

    /// <summary>Strides of the left factor.</summary>
    public long LeftExample, LeftPosition, LeftRow;

    /// <summary>Strides of the right factor.</summary>
    public long RightExample, RightPosition, RightColumn;

    /// <summary>The coordinate of element (0, 0), and coordinates between two rows.</summary>
    public long First, RowStride;

    /// <summary>Positions T and columns C.</summary>
    public int Positions, Columns;

    /// <inheritdoc/>
    public readonly long Place(long i)
    {
        // Few gradients need the long division.
        long r = i >> 32 == 0 ? (long)((uint)i / (uint)Columns) : i / Columns;
        return (r << 32) | (i - (r * Columns));
    }

    /// <inheritdoc/>
    public readonly long Coordinate(long place) => First + ((place >> 32) * RowStride) + (place & 0xFFFFFFFF);

    /// <inheritdoc/>
    public readonly float Value(long row, long place)
    {
        long left = (row * LeftExample) + ((place >> 32) * LeftRow), right = (row * RightExample) + ((place & 0xFFFFFFFF) * RightColumn);
        float sum = 0;
        for (int t = 0; t < Positions; t++)
        {
            sum = DeviceOperations.Fma(Left[left], Right[right], sum);
            left += LeftPosition;
            right += RightPosition;
        }

        return sum;
    }
}
