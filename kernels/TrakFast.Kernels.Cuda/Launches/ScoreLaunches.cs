using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>Score tiles: computed on the device a tile at a time, and handed on from the host's memory.</summary>
internal static unsafe class ScoreLaunches
{
    /// <summary>Scores of a tile: 64 MiB.</summary>
    private const long TileScores = 1 << 24;

    /// <summary>Rows of a tile where there are many targets, because fewer would leave threads idle.</summary>
    private const long FewestRows = 128;

    /// <summary>Scores of a tile at most, unless a single row has more.</summary>
    private const long MostScores = 1 << 28;

    private static readonly ImmutableArray<ArgumentKind> Arguments =
    [
        ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Floats,
        ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int32, ArgumentKind.Int32,
    ];

    private static readonly DeviceKernel Reference = new("ScoreTileReference", 256, Arguments) { Ships = false };
    private static readonly DeviceKernel Registers = new("ScoreTile", 256, Arguments);
    private static readonly DeviceKernel TensorCores = new("ScoreTileTensor", 256, Arguments);

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [Reference, Registers, TensorCores];

    /// <summary>Whether rows of <paramref name="k"/> floats may be read 16 bytes at a time.</summary>
    public static bool ByVectors(MemoryView rows, long k) => rows.Pointer % 16 == 0 && k % 4 == 0;

    /// <summary>tile = diag(scale)·left·rightᵀ, or diag(scale)·(tile + left·rightᵀ).</summary>
    /// <param name="device">Where all lies.</param>
    /// <param name="left">float32 [rows, k].</param>
    /// <param name="right">float32 [columns, k].</param>
    /// <param name="scale">float32 [rows], or a view of length 0 for ones.</param>
    /// <param name="tile">float32 [rows, columns].</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="columns">Columns, at least 1.</param>
    /// <param name="accumulate">Whether to add to the tile.</param>
    /// <param name="version">Which kernel.</param>
    public static void Tile(
        IDevice device, MemoryView left, MemoryView right, MemoryView scale, MemoryView tile, long rows, long columns, bool accumulate,
        DeviceArithmetic version = DeviceArithmetic.Float32)
    {
        long k = left.Length / rows;
        DeviceKernel kernel = version switch
        {
            DeviceArithmetic.Reference => Reference,
            DeviceArithmetic.TensorCores => TensorCores,
            _ => Registers,
        };
        Grid3 grid = new(kernel == Reference
            ? ((rows * columns) + Reference.Threads - 1) / Reference.Threads
            : (rows + 127) / 128 * ((columns + 127) / 128));
        device.Launch(
            kernel, grid, left, right, scale, tile.Slice(0, rows * columns), rows, columns, k,
            accumulate ? 1 : 0, ByVectors(left, k) && ByVectors(right, k) ? 1 : 0);
    }

    /// <summary>Hands whole tiles on, in ascending order of their rows.</summary>
    public static void ToTiles(
        IDevice device, DeviceScratch scratch, ScratchPool pool, IReadOnlyList<MemoryView> train, IReadOnlyList<MemoryView> targets,
        MemoryView rowScale, long firstRow, TileSink sink, DeviceArithmetic version)
    {
        long rows = rowScale.Length, count = sink.Targets, tileRows = TileRows(rows, count);
        using DeviceScratch.Lease tile = scratch.Rent(ElementType.Float32, tileRows * count);
        using ScratchPool.Lease host = pool.Rent(tileRows * count);
        for (long first = 0; first < rows; first += tileRows)
        {
            long height = Math.Min(tileRows, rows - first);
            for (int model = 0; model < train.Count; model++)
            {
                long k = train[model].Length / rows;
                MemoryView scale = rowScale.Slice(first, model == train.Count - 1 ? height : 0);
                Tile(
                    device, train[model].Slice(first * k, height * k), targets[model], scale, tile.View, height, count, model > 0, version);
            }

            device.Copy(tile.View.Slice(0, height * count), MemoryView.Of(host.Pointer, height * count));
            sink.Accept(firstRow + first, new ReadOnlySpan<float>(host.Pointer, checked((int)(height * count))));
        }
    }

    /// <summary>Hands whole tiles to a sink that keeps more scores than candidates are selected for on the device.</summary>
    public static void ToColumns(
        IDevice device, DeviceScratch scratch, ScratchPool pool, Workers workers, IReadOnlyList<MemoryView> train,
        IReadOnlyList<MemoryView> targets, MemoryView rowScale, long firstRow, TopSink sink, DeviceArithmetic version)
    {
        long rows = rowScale.Length, count = sink.Targets, tileRows = TileRows(rows, count);
        using DeviceScratch.Lease tile = scratch.Rent(ElementType.Float32, tileRows * count);
        using ScratchPool.Lease host = pool.Rent(tileRows * count), scale = pool.Rent(rows);
        device.Copy(rowScale, MemoryView.Of(scale.Pointer, rows));
        for (long first = 0; first < rows; first += tileRows)
        {
            long height = Math.Min(tileRows, rows - first);
            for (int model = 0; model < train.Count; model++)
            {
                // Selecting wants the scores of a target side by side.
                long k = train[model].Length / rows;
                Tile(
                    device, targets[model], train[model].Slice(first * k, height * k), rowScale.Slice(0, 0),
                    tile.View, count, height, model > 0, version);
            }

            device.Copy(tile.View.Slice(0, height * count), MemoryView.Of(host.Pointer, height * count));
            sink.AcceptColumns(workers, firstRow + first, height, host.Pointer, scale.Pointer + first);
        }
    }

    private static long TileRows(long rows, long count)
    {
        long wanted = Math.Max(TileScores / count, Math.Min(FewestRows, MostScores / count));
        return Math.Clamp(wanted < 128 ? wanted : wanted / 128 * 128, 1, rows);
    }
}
