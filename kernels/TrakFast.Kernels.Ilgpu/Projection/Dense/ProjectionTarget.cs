using ILGPU;

namespace TrakFast.Kernels;

/// <summary>What a kernel that projects writes: sums of a part of the coordinates, for every part, row and column.</summary>
internal struct ProjectionTarget
{
    /// <summary>[parts, rows, k]; where there is a single part it is added, else written.</summary>
    public ArrayView<float> Sums;

    /// <summary>Elements of a gradient, and of a part.</summary>
    public long Length, PartLength;

    /// <summary>Rows, and columns k.</summary>
    public int Rows, Columns;

    /// <summary>The random matrix.</summary>
    public uint Seed, ModelId, Stream;

    /// <summary>The first element of this group's part.</summary>
    public readonly long First => Grid.IdxY * PartLength;

    /// <summary>The end of this group's part.</summary>
    public readonly long End => IntrinsicMath.Min(Length, First + PartLength);

    /// <summary>Writes a sum, if it is within the features.</summary>
    public readonly void Write(long row, long column, float sum)
    {
        if (row >= Rows || column >= Columns) return;
        long at = (((Grid.IdxY * (long)Rows) + row) * Columns) + column;
        Sums[at] = Grid.DimY == 1 ? Sums[at] + sum : sum;
    }
}
