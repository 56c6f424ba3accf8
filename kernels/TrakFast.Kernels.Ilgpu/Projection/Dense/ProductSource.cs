using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Gradients that are products over positions: element (r, c) of a row is Σ_t left[t, r]·right[t, c], made where it is used and
/// never written to memory. A place is r and c in its two halves.
/// </summary>
internal struct ProductSource : ISharedSource
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

    /// <inheritdoc/>
    public readonly FourRows Values(int row, int rows, long place0, long place1)
    {
        long row0 = IntrinsicMath.Min(row, rows - 1),
            row1 = IntrinsicMath.Min(row + 8, rows - 1),
            row2 = IntrinsicMath.Min(row + 16, rows - 1),
            row3 = IntrinsicMath.Min(row + 24, rows - 1);
        long left0 = (place0 >> 32) * LeftRow, left1 = (place1 >> 32) * LeftRow;
        long right0 = (place0 & 0xFFFFFFFF) * RightColumn, right1 = (place1 & 0xFFFFFFFF) * RightColumn;
        FourRows sums = default;
        for (int t = 0; t < Positions; t++)
        {
            sums.First.X = Product(row0, left0, right0, sums.First.X);
            sums.Second.X = Product(row0, left1, right1, sums.Second.X);
            sums.First.Y = Product(row1, left0, right0, sums.First.Y);
            sums.Second.Y = Product(row1, left1, right1, sums.Second.Y);
            sums.First.Z = Product(row2, left0, right0, sums.First.Z);
            sums.Second.Z = Product(row2, left1, right1, sums.Second.Z);
            sums.First.W = Product(row3, left0, right0, sums.First.W);
            sums.Second.W = Product(row3, left1, right1, sums.Second.W);
            left0 += LeftPosition;
            left1 += LeftPosition;
            right0 += RightPosition;
            right1 += RightPosition;
        }

        return sums;
    }

    private readonly float Product(long row, long left, long right, float sum) =>
        DeviceOperations.Fma(Left[(row * LeftExample) + left], Right[(row * RightExample) + right], sum);
}
