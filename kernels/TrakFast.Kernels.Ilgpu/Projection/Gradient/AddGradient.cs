using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// No projection: gradients added to g [B, p] at their own coordinates. Dense and row blocks are bound by memory: 12 bytes a value, all
/// coalesced. Outer products are made tile by tile in registers (<see cref="FactoredTile"/>): 2·T operations and 8 bytes a
/// coordinate.
/// </summary>
internal static class AddGradient
{
    /// <summary>A thread a value: blocks of 256 coordinates (x) of an example (y).</summary>
    [KernelEntry("AddDenseGradient", 256)]
    public static void Dense(ArrayView<float> values, ArrayView<float> gradients, long offset, long length, long parameters)
    {
        long i = ((long)Grid.IdxX * 256) + Group.IdxX;
        if (i < length) gradients[(Grid.IdxY * parameters) + offset + i] += values[(Grid.IdxY * length) + i];
    }

    /// <summary>
    /// A thread an element of a row: blocks of 256 (x) of an example (y). It adds its element of the example's rows one after
    /// the other, because an id may occur more than once.
    /// </summary>
    [KernelEntry("AddRowsGradient", 256)]
    public static void Rows(
        ArrayView<long> ids, ArrayView<float> values, ArrayView<float> gradients, long offset,
        int positions, int rowLength, long parameters)
    {
        int d = (Grid.IdxX * 256) + Group.IdxX;
        if (d >= rowLength) return;
        ArrayView<float> gradient = gradients.SubView((Grid.IdxY * parameters) + offset);
        for (long t = Grid.IdxY * (long)positions; t < (Grid.IdxY + 1L) * positions; t++)
            gradient[(ids[t] * rowLength) + d] += values[(t * rowLength) + d];
    }

    /// <summary>A group a tile (x) of an outer product of an example (y), given as in <see cref="FactoredTiles"/>.</summary>
    [KernelEntry("AddFactoredGradient", 256)]
    public static void Factored(
        ArrayView<float> left, long leftExample, long leftSteps, ArrayView<float> right, long rightExample, long rightSteps,
        ArrayView<float> gradients, long offset, long rowStride, long size, long shape, long parameters)
    {
        ArrayView<float> values = SharedMemory.Allocate<Float4>(1024).Cast<float>();
        FactoredTile tile = FactoredTiles.Of(left, leftExample, leftSteps, right, rightExample, rightSteps, size, shape, 1, Grid.IdxY);
        tile.Store(tile.Load(Grid.IdxX, values), values);
        Group.Barrier();
        int across = ((tile.Columns - 1) >> tile.LogColumns) + 1;
        int firstRow = Grid.IdxX / across << (12 - tile.LogColumns), firstColumn = Grid.IdxX % across << tile.LogColumns;
        ArrayView<float> gradient = gradients.SubView((Grid.IdxY * parameters) + offset);
        for (int i = Group.IdxX; i < 4096; i += 256)
        {
            int row = firstRow + (i >> tile.LogColumns), column = firstColumn + (i & ((1 << tile.LogColumns) - 1));
            if (row < tile.Rows && column < tile.Columns) gradient[(row * rowStride) + column] += values[i];
        }
    }

    /// <summary>The definition for outer products, a thread a coordinate: blocks of 256 (x) of an example (y).</summary>
    [KernelEntry("AddFactoredGradientReference", 256, Ships = false)]
    public static void FactoredReference(
        ArrayView<float> left, long leftExample, long leftSteps, ArrayView<float> right, long rightExample, long rightSteps,
        ArrayView<float> gradients, long offset, long rowStride, long size, long shape, long parameters)
    {
        FactoredTile tile = FactoredTiles.Of(left, leftExample, leftSteps, right, rightExample, rightSteps, size, shape, 1, Grid.IdxY);
        long i = ((long)Grid.IdxX * 256) + Group.IdxX;
        int row = (int)(i / tile.Columns), column = (int)(i % tile.Columns);
        if (row < tile.Rows) gradients[(Grid.IdxY * parameters) + offset + (row * rowStride) + column] += tile.Value(row, column);
    }
}
