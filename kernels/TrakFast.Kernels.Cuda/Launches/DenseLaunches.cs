using System.Collections.Immutable;
using Kind = TrakFast.Kernels.ArgumentKind;

namespace TrakFast.Kernels;

/// <summary>
/// Projections by dense random matrices, Rademacher and Gaussian: features[b, j] += Σ_c g[b, c]·P[c, j]. A group takes a tile of
/// rows × columns and a part of the coordinates; parts depend on the gradient's length and on k alone.
/// </summary>
internal static class DenseLaunches
{
    // Two groups for each multiprocessor of a large device; parts that start where a group makes signs for 256 elements, and so long
    // that writing their sums is little work.
    private const long WantedGroups = 264, LeastPart = 4096, PartStep = 256;

    // Bounds of partial sums in memory and of the grid.
    private const long ScratchFloats = 1L << 26, MostTiles = 65535;

    private static readonly DenseKernels Written = new(
        "Rows", true, Kind.Floats, Kind.Int64, Kind.Int64, Kind.Int64, Kind.Int32, Kind.Int64);

    private static readonly DenseKernels Products = new(
        "Products", true, Kind.Floats, Kind.Int64, Kind.Int64, Kind.Int64, Kind.Floats, Kind.Int64, Kind.Int64, Kind.Int64,
        Kind.Int32, Kind.Int32, Kind.Int64, Kind.Int64);

    private static readonly DenseKernels Tables = new("Table", false, Kind.Longs, Kind.Floats, Kind.Int32, Kind.Int64);

    /// <summary>The arguments of a source from one example on.</summary>
    private delegate KernelArgument[] SourceArguments(long example);

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [.. Written.All, .. Products.All, .. Tables.All];

    /// <summary>Adds the projection of written-out gradients to features [B, k].</summary>
    public static void Project(
        IDevice device, DeviceScratch scratch, in Projection projection, DenseBlock block, MemoryView features, DeviceArithmetic method) =>
        Project(
            device, scratch, projection, Stream(projection), projection.Dimension, block.Offset, StridedRows.Of(block), features, method);

    /// <summary>Adds the projection of products over positions to features [B, k]; the gradient is never written to memory.</summary>
    public static void Project(
        IDevice device, DeviceScratch scratch, in Projection projection, FactoredBlock block,
        MemoryView features, DeviceArithmetic method) =>
        Run(
            device, scratch, projection, Stream(projection), projection.Dimension, block.Batch, 1, (long)block.Rows * block.Columns,
            Products[projection.Kind, method], features,
            example =>
            [
                From(block.Left, example * block.LeftExample), block.LeftExample, block.LeftPosition, block.LeftRow,
                From(block.Right, example * block.RightExample), block.RightExample, block.RightPosition, block.RightColumn,
                block.Positions, block.Columns, block.Offset, block.RowStride,
            ]);

    /// <summary>Adds the projection of touched rows to features [B, k].</summary>
    public static void Project(
        IDevice device, DeviceScratch scratch, in Projection projection, RowsBlock block, MemoryView features, DeviceArithmetic method)
    {
        long length = (long)block.Positions * block.RowLength;
        Run(
            device, scratch, projection, Stream(projection), projection.Dimension, block.Batch, 1, length, Tables[projection.Kind, method],
            features,
            example =>
                [From(block.Ids, example * block.Positions), From(block.Values, example * length), block.RowLength, block.Offset]);
    }

    /// <summary>
    /// A factor of a Kronecker projection applied to rows:
    /// target[row, i] = Σ_e rows[row, e]·<see cref="RandomEntries.Kronecker"/>(parameter, first + e, i, stream).
    /// </summary>
    /// <param name="device">Where all lies.</param>
    /// <param name="scratch">Memory for partial sums.</param>
    /// <param name="projection">Seed, model and the factor's size.</param>
    /// <param name="stream">
    /// <see cref="RandomEntries.KroneckerRowStream"/> for left factors, <see cref="RandomEntries.KroneckerColumnStream"/> for right ones.
    /// </param>
    /// <param name="coordinate">The parameter's offset plus the row, or column, of it that element 0 belongs to.</param>
    /// <param name="rows">What is multiplied.</param>
    /// <param name="target">float32 [rows, <see cref="Projection.FactorDimension"/>], overwritten.</param>
    /// <param name="method">How to multiply.</param>
    public static void ProjectFactor(
        IDevice device, DeviceScratch scratch, in Projection projection, uint stream, long coordinate, in StridedRows rows,
        MemoryView target, DeviceArithmetic method)
    {
        device.Clear(target.Pointer, target.Length * target.Type.Size());
        Project(device, scratch, projection, stream, projection.FactorDimension, coordinate, rows, target, method);
    }

    private static void Project(
        IDevice device, DeviceScratch scratch, in Projection projection, uint stream, int columns, long coordinate, StridedRows rows,
        MemoryView sums, DeviceArithmetic method) =>
        Run(
            device, scratch, projection, stream, columns, rows.Examples, rows.Positions, rows.Length, Written[projection.Kind, method],
            sums,
            example =>
                [
                    From(rows.Values, example * rows.ExampleStride),
                    rows.ExampleStride,
                    rows.PositionStride,
                    rows.ElementStride,
                    rows.Positions,
                    coordinate
                ]);

    private static void Run(
        IDevice device, DeviceScratch scratch, in Projection projection, uint stream, int columns, int examples, int positions, long length,
        DenseKernel kernel, MemoryView sums, SourceArguments source)
    {
        (uint seed, uint modelId) = (projection.Seed, projection.ModelId);
        if (length == 0) return;
        long tiles = Divide(columns, kernel.Columns), wanted = Math.Min(Divide(length, LeastPart), Divide(WantedGroups, tiles));
        long partLength = Divide(Divide(length, wanted), PartStep) * PartStep;
        int parts = (int)Divide(length, partLength);
        long together = Math.Min(ScratchFloats / ((long)parts * columns * positions), MostTiles * kernel.Rows / positions);
        together = Math.Min(examples, Math.Max(1, together / kernel.Rows) * kernel.Rows);
        for (long first = 0; first < examples; first += together)
        {
            int rows = checked((int)(Math.Min(together, examples - first) * positions));
            MemoryView target = sums.Slice(first * positions * columns, (long)rows * columns);
            Grid3 grid = new(tiles, parts, Divide(rows, kernel.Rows));
            if (parts == 1)
            {
                Launch(target);
                continue;
            }

            using DeviceScratch.Lease lease = scratch.Rent(ElementType.Float32, (long)parts * rows * columns);
            Launch(lease.View);
            PartialSums.AddTo(device, lease.View, target, parts);

            void Launch(MemoryView view) =>
                device.Launch(kernel.Kernel, grid, [.. source(first), view, rows, columns, length, partLength, seed, modelId, stream]);
        }
    }

    private static uint Stream(in Projection projection) =>
        projection.Kind == ProjectionKind.Gaussian ? RandomEntries.GaussianStream : RandomEntries.RademacherStream;

    private static MemoryView From(MemoryView view, long start) => view.Slice(start, view.Length - start);

    private static long Divide(long a, long b) => (a + b - 1) / b;
}
