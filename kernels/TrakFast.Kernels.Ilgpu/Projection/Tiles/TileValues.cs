namespace TrakFast.Kernels;

/// <summary>
/// A thread's 16 of the 4,096 values of a tile, in registers: 256 apart where they are read, 4 × 4 where they are made of factors.
/// Written out by hand, because an indexed local array would lie in local memory.
/// </summary>
internal struct TileValues
{
    /// <summary>The values; as 4 × 4 row-major.</summary>
    public float V0, V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12, V13, V14, V15;

    /// <summary>values += left·rightᵀ.</summary>
    public void Add(Float4 left, Float4 right)
    {
        V0 += left.X * right.X; V1 += left.X * right.Y; V2 += left.X * right.Z; V3 += left.X * right.W;
        V4 += left.Y * right.X; V5 += left.Y * right.Y; V6 += left.Y * right.Z; V7 += left.Y * right.W;
        V8 += left.Z * right.X; V9 += left.Z * right.Y; V10 += left.Z * right.Z; V11 += left.Z * right.W;
        V12 += left.W * right.X; V13 += left.W * right.Y; V14 += left.W * right.Z; V15 += left.W * right.W;
    }

    /// <summary>Row 0 of the 4 × 4 values, times a number.</summary>
    public readonly Float4 Row0(float scale) => new() { X = V0 * scale, Y = V1 * scale, Z = V2 * scale, W = V3 * scale };

    /// <summary>Row 1 of the 4 × 4 values, times a number.</summary>
    public readonly Float4 Row1(float scale) => new() { X = V4 * scale, Y = V5 * scale, Z = V6 * scale, W = V7 * scale };

    /// <summary>Row 2 of the 4 × 4 values, times a number.</summary>
    public readonly Float4 Row2(float scale) => new() { X = V8 * scale, Y = V9 * scale, Z = V10 * scale, W = V11 * scale };

    /// <summary>Row 3 of the 4 × 4 values, times a number.</summary>
    public readonly Float4 Row3(float scale) => new() { X = V12 * scale, Y = V13 * scale, Z = V14 * scale, W = V15 * scale };
}
