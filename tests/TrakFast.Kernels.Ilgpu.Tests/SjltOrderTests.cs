namespace TrakFast.Kernels.Tests;

/// <summary>The order in which SJLT adds coordinates, compared with the definition of its hashes.</summary>
internal sealed unsafe class SjltOrderTests
{
    private const int Chunk = 4096, Range = 4096, EntriesAt = 8, ColumnsAt = EntriesAt + Chunk, Length = ColumnsAt + Range + 16;

    [TestCase(1, 1, 4096 + 77)]
    [TestCase(5, 2, 4095)]
    [TestCase(130, 5, 100)]
    [TestCase(4096, 1, (2 * 4096) + 1)]
    [TestCase(5000, 3, 4096)]
    public void OfADenseBlock(int k, int sparsity, int length) =>
        Check(new Projection(ProjectionKind.Sjlt, k, 7, 3, sparsity), new CoordinateTiles((1L << 32) - 50, length, 1, length, 12));

    [TestCase(40, 70, 200, 6)]
    [TestCase(700, 5, 5, 4)]
    [TestCase(3, 1500, 1600, 8)]
    public void OfAMatrix(int rows, int columns, int stride, int logColumns) =>
        Check(new Projection(ProjectionKind.Sjlt, 33, 1, 2, 2), new CoordinateTiles(11, stride, rows, columns, logColumns));

    private static void Check(Projection projection, CoordinateTiles tiles)
    {
        int logRows = 12 - tiles.LogColumns,
            across = (int)((tiles.Columns - 1) >> tiles.LogColumns) + 1,
            down = (int)((tiles.Rows - 1) >> logRows) + 1,
            chunks = across * down;
        SjltCut cut = SjltCut.Of(chunks, Chunk, 0, projection.Dimension);
        ushort[] order = Order(projection, tiles, chunks, cut);
        int unit = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            for (int h = 0; h < projection.Sparsity; h++)
            {
                Dictionary<int, List<int>> expected = [];
                for (int i = 0; i < Chunk; i++)
                {
                    long row = ((long)(chunk / across) << logRows) + (i >> tiles.LogColumns),
                        column = ((long)(chunk % across) << tiles.LogColumns) + (i % (1 << tiles.LogColumns));
                    if (row >= tiles.Rows || column >= tiles.Columns) continue;
                    (int bucket, float sign) = RandomEntries.Sjlt(
                        projection.Seed, projection.ModelId, tiles.Offset + (row * tiles.RowStride) + column, h, projection.Dimension);
                    bucket += i % cut.Fold * projection.Dimension;
                    if (!expected.TryGetValue(bucket, out List<int>? list)) expected.Add(bucket, list = []);
                    list.Add(i | (sign < 0 ? 0x8000 : 0));
                }

                int found = 0;
                for (int range = 0; range < cut.Ranges; range++, unit++)
                {
                    foreach ((int column, List<int> list) in Lists(order.AsSpan(unit * Length, Length)))
                    {
                        Assert.That(expected.TryGetValue((range * Range) + column, out List<int>? right), $"column {column}");
                        Assert.That(list, Is.EqualTo(right), $"chunk {chunk}, hash {h}, range {range}, column {column}");
                        found++;
                    }
                }

                Assert.That(found, Is.EqualTo(expected.Count));
            }
        }
    }

    /// <summary>The columns of a chunk with their lists; checks that longer ones come first.</summary>
    private static List<(int Column, List<int> List)> Lists(ReadOnlySpan<ushort> unit)
    {
        List<(int Column, List<int> List)> lists = [];
        int total = unit[0], occupied = unit[1];
        for (int column = 0; column < occupied; column++) lists.Add((unit[ColumnsAt + column], []));
        int last = occupied;
        for (int diagonal = 0, begin = 0; begin < total; diagonal++)
        {
            Assert.That(unit[Length - 1 - diagonal], Is.EqualTo(begin));
            int count = unit[Length - 2 - diagonal] - begin;
            Assert.That(count, Is.InRange(1, last), "diagonals become shorter");
            for (int column = 0; column < count; column++) lists[column].List.Add(unit[EntriesAt + begin + column]);
            begin += count;
            last = count;
        }

        return lists;
    }

    private static ushort[] Order(Projection projection, CoordinateTiles tiles, int chunks, SjltCut cut)
    {
        using IlgpuDevice device = new();
        using DeviceScratch scratch = new(device);
        ushort[] order = new ushort[SjltLaunches.LengthOfOrder(projection, chunks, cut)];
        using DeviceScratch.Lease lease = scratch.Rent(ElementType.Float16, order.Length);
        SjltLaunches.MakeOrder(device, projection, tiles, 0, chunks, cut, lease.View);
        new ReadOnlySpan<ushort>((void*)lease.View.Pointer, order.Length).CopyTo(order);
        return order;
    }
}
