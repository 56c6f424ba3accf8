using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>
/// Projections by sparse Johnson–Lindenstrauss. Blocks whose examples share their coordinates are ordered by column once, a piece
/// at a time, and then summed for all examples; spans are added to the features in order.
/// </summary>
internal static class SjltLaunches
{
    /// <summary>Numbers of a chunk's order for one hash and range.</summary>
    private const int OrderLength = 8216;

    private static readonly DeviceKernel Order = new(
        "SjltOrder", 256,
        [
            ArgumentKind.UShorts, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32
        ]);
    private static readonly DeviceKernel Dense = new(
        "SjltDense", 256,
        [
            ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.UShorts, ArgumentKind.Floats, ArgumentKind.Int32, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32
        ]);
    private static readonly DeviceKernel Factored = new(
        "SjltFactored",
        256,
        [
            ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64,
            ArgumentKind.UShorts, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Float32, ArgumentKind.Int64,
            ArgumentKind.Int64, ArgumentKind.Int64
        ]);

    private static readonly DeviceKernel Rows = new(
        "SjltRows", 256,
        [
            ArgumentKind.Longs, ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int32, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32
        ]);
    private static readonly DeviceKernel DenseReference = new(
        "SjltDenseReference", 128,
        [
            ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int32, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int32
        ])
    {
        Ships = false
    };
    private static readonly DeviceKernel FactoredReference = new(
        "SjltFactoredReference",
        128,
        [
            ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64,
            ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Float32,
            ArgumentKind.Int64, ArgumentKind.Int64
        ]) { Ships = false };

    private static readonly DeviceKernel RowsReference = new(
        "SjltRowsReference", 128,
        [
            ArgumentKind.Longs, ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int32, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32
        ])
    {
        Ships = false
    };

    private delegate void Summing(int first, int count, MemoryView order, MemoryView target, int firstChunk, int chunks, int sparsity);

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [Order, Dense, Factored, Rows, DenseReference, FactoredReference, RowsReference];

    /// <summary>Adds the projection of written-out gradients to features [B, k].</summary>
    public static void Project(IDevice device, DeviceScratch scratch, in Projection projection, DenseBlock block, MemoryView features)
    {
        if (block.Length == 0) return;
        int k = projection.Dimension;
        SjltCut cut = SjltCut.Of((block.Length + SjltCut.Chunk - 1) / SjltCut.Chunk, SjltCut.Chunk, 0, k);
        CoordinateTiles tiles = new(block.Offset, block.Length, 1, block.Length, 12);
        Project(
            device, scratch, projection, cut, tiles, block.Batch, features,
            (first, count, order, target, firstChunk, chunks, sparsity) => device.Launch(
                Dense, new Grid3(count, (chunks + cut.SpanChunks - 1) / cut.SpanChunks, cut.Ranges),
                block.Values.Slice(first * block.Length, count * block.Length), block.Length, order, target, firstChunk, chunks,
                cut.SpanChunks, k, cut.Fold, sparsity));
    }

    /// <summary>
    /// Adds the projection of products over positions, times a number, to features [B, k]; the gradient is never written to memory.
    /// </summary>
    public static void Project(
        IDevice device, DeviceScratch scratch, in Projection projection, FactoredBlock block, MemoryView features, float scale = 1)
    {
        int k = projection.Dimension;
        SjltCut cut = SjltCut.Of(block.Tiles, SjltCut.Chunk, block.Positions, k);
        CoordinateTiles tiles = new(block.Offset, block.RowStride, block.Rows, block.Columns, block.LogColumns);
        Project(
            device, scratch, projection, cut, tiles, block.Batch, features,
            (first, count, order, target, firstChunk, chunks, sparsity) =>
            {
                FactoredBlock part = block.Part(first, count);
                device.Launch(
                    Factored, new Grid3(count, (chunks + cut.SpanChunks - 1) / cut.SpanChunks, cut.Ranges),
                    part.Left, part.LeftExample, part.LeftSteps, part.Right, part.RightExample, part.RightSteps, order, target, part.Size,
                    part.Shape, scale, Packed.Pair(firstChunk, chunks), Packed.Pair(cut.SpanChunks, sparsity), Packed.Pair(k, cut.Fold));
            });
    }

    /// <summary>Adds the projection of touched rows to features [B, k].</summary>
    public static void Project(IDevice device, DeviceScratch scratch, in Projection projection, RowsBlock block, MemoryView features)
    {
        long length = (long)block.Positions * block.RowLength;
        if (length == 0) return;
        (uint seed, uint modelId, int k, int sparsity) = (projection.Seed, projection.ModelId, projection.Dimension, projection.Sparsity);
        SjltCut cut = SjltCut.Of((length + SjltCut.RowsChunk - 1) / SjltCut.RowsChunk, SjltCut.RowsChunk, 0, k);
        foreach ((int first, int count) in Batches.Of(block.Batch, scratch.Together((long)cut.Spans * k * sizeof(float), block.Batch)))
        {
            MemoryView part = features.Slice((long)first * k, (long)count * k);
            Sum(device, scratch, part, cut.Spans, (target, add) => device.Launch(
                Rows, new Grid3(count, cut.Spans, cut.Ranges),
                block.Ids.Slice((long)first * block.Positions, (long)count * block.Positions),
                block.Values.Slice(first * length, count * length), target, block.Offset, block.Positions, block.RowLength, cut.SpanChunks,
                k, cut.Fold, add ? -sparsity : sparsity, seed, modelId));
        }
    }

    /// <summary>Orders a block's chunks: [chunks, sparsity, ranges, <see cref="OrderLength"/>].</summary>
    public static void MakeOrder(
        IDevice device, in Projection projection, in CoordinateTiles tiles, int firstChunk, int chunks, in SjltCut cut, MemoryView order) =>
        device.Launch(
            Order, new Grid3(chunks, projection.Sparsity, cut.Ranges), order, tiles.Offset, tiles.RowStride, tiles.Rows, tiles.Columns,
            tiles.LogColumns, firstChunk, projection.Dimension, cut.Fold, projection.Seed, projection.ModelId);

    /// <summary>Numbers of the order of some chunks.</summary>
    public static long LengthOfOrder(in Projection projection, int chunks, in SjltCut cut) =>
        (long)chunks * projection.Sparsity * cut.Ranges * OrderLength;

    /// <summary>
    /// The definition of <see cref="Project(IDevice, DeviceScratch, in Projection, DenseBlock, MemoryView)"/>, for comparison.
    /// </summary>
    public static void ProjectByReference(IDevice device, in Projection projection, DenseBlock block, MemoryView features) => device.Launch(
        DenseReference, Columns(projection, block.Batch), block.Values, features, block.Offset, block.Length, projection.Dimension,
        projection.Sparsity, projection.Seed, projection.ModelId);

    /// <summary>The definition for outer products.</summary>
    public static void ProjectByReference(IDevice device, in Projection projection, in FactoredBlock block, MemoryView features) =>
        device.Launch(
            FactoredReference, Columns(projection, block.Batch), block.Left, block.LeftExample, block.LeftSteps, block.Right,
            block.RightExample, block.RightSteps, features, block.Offset, block.RowStride, block.Size, block.Shape, 1f,
            Packed.Pair(projection.Dimension, projection.Sparsity), Packed.Pair((int)projection.Seed, (int)projection.ModelId));

    /// <summary>The definition for touched rows.</summary>
    public static void ProjectByReference(IDevice device, in Projection projection, RowsBlock block, MemoryView features) => device.Launch(
        RowsReference, Columns(projection, block.Batch), block.Ids, block.Values, features, block.Offset, block.Positions, block.RowLength,
        projection.Dimension, projection.Sparsity, projection.Seed, projection.ModelId);

    private static Grid3 Columns(in Projection projection, int batch) => new(batch, (projection.Dimension + 127L) / 128);

    /// <summary>Spans whose order fits the scratch are ordered together, then summed for batches of examples whose sums fit.</summary>
    private static void Project(
        IDevice device, DeviceScratch scratch, in Projection projection, in SjltCut cut, in CoordinateTiles tiles,
        int batch, MemoryView features, Summing sum)
    {
        (int k, int sparsity, int spanChunks) = (projection.Dimension, projection.Sparsity, cut.SpanChunks);
        int spans = scratch.Together(LengthOfOrder(projection, spanChunks, cut) * sizeof(ushort), cut.Spans);
        for (int firstChunk = 0; firstChunk < cut.Chunks; firstChunk += spans * spanChunks)
        {
            int chunks = Math.Min(spans * spanChunks, cut.Chunks - firstChunk),
                now = (chunks + spanChunks - 1) / spanChunks,
                chunk = firstChunk;
            using DeviceScratch.Lease order = scratch.Rent(ElementType.Float16, LengthOfOrder(projection, chunks, cut));
            MakeOrder(device, projection, tiles, firstChunk, chunks, cut, order.View);
            foreach ((int first, int count) in Batches.Of(batch, scratch.Together((long)now * k * sizeof(float), batch)))
            {
                Sum(device, scratch, features.Slice((long)first * k, (long)count * k), now, (target, add) =>
                    sum(first, count, order.View, target, chunk, chunks, add ? -sparsity : sparsity));
            }
        }
    }

    /// <summary>A single span is added to the features at once; of several, each has sums of its own.</summary>
    private static void Sum(IDevice device, DeviceScratch scratch, MemoryView features, int spans, Action<MemoryView, bool> sum)
    {
        if (spans == 1)
        {
            sum(features, true);
            return;
        }

        using DeviceScratch.Lease parts = scratch.Rent(ElementType.Float32, spans * features.Length);
        sum(parts.View, false);
        PartialSums.AddTo(device, parts.View, features, spans);
    }
}

/// <summary>Where the coordinates of a block's tiles lie: tiles of 2^(12 − LogColumns) rows and 2^LogColumns columns, row by row.</summary>
/// <param name="Offset">Coordinate of the first element.</param>
/// <param name="RowStride">Coordinates between two rows.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
/// <param name="LogColumns">Logarithm of a tile's columns.</param>
internal readonly record struct CoordinateTiles(long Offset, long RowStride, long Rows, long Columns, int LogColumns);
