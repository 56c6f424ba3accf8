namespace TrakFast.Kernels;

/// <summary>One row of a thread's sums: 8 columns, in registers because each has a name.</summary>
internal struct SumRow
{
    /// <summary>The columns' sums.</summary>
    public float C0, C1, C2, C3, C4, C5, C6, C7;

    /// <summary>Adds a number of the left factor times 8 of the right one.</summary>
    public void Add(float a, Float4 low, Float4 high)
    {
        C0 = DeviceOperations.Fma(a, low.X, C0);
        C1 = DeviceOperations.Fma(a, low.Y, C1);
        C2 = DeviceOperations.Fma(a, low.Z, C2);
        C3 = DeviceOperations.Fma(a, low.W, C3);
        C4 = DeviceOperations.Fma(a, high.X, C4);
        C5 = DeviceOperations.Fma(a, high.Y, C5);
        C6 = DeviceOperations.Fma(a, high.Z, C6);
        C7 = DeviceOperations.Fma(a, high.W, C7);
    }
}

/// <summary>A thread's 8 × 8 sums of a tile. Which rows and columns of the tile they are, the product says.</summary>
internal struct TileSums
{
    /// <summary>The rows' sums.</summary>
    public SumRow R0, R1, R2, R3, R4, R5, R6, R7;

    /// <summary>Adds the outer product of 8 numbers of the left factor and 8 of the right one.</summary>
    public void Add(Float4 top, Float4 bottom, Float4 left, Float4 right)
    {
        R0.Add(top.X, left, right);
        R1.Add(top.Y, left, right);
        R2.Add(top.Z, left, right);
        R3.Add(top.W, left, right);
        R4.Add(bottom.X, left, right);
        R5.Add(bottom.Y, left, right);
        R6.Add(bottom.Z, left, right);
        R7.Add(bottom.W, left, right);
    }
}
