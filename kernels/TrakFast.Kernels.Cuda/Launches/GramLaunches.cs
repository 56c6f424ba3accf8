using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>
/// The upper triangle of XᵀX in tiles of 128 × 128, as the kernels lay it out: tile b·(b + 1)/2 + a holds rows from 128·a and
/// columns from 128·b, a ≤ b.
/// </summary>
internal static class GramLaunches
{
    /// <summary>Elements of a tile.</summary>
    public const int TileLength = TileSide * TileSide;

    /// <summary>Rows and columns of a tile.</summary>
    public const int TileSide = 128;

    /// <summary>Rows that the kernels sum in float32.</summary>
    private const long ChunkRows = 512;

    /// <summary>Groups that fill a large device a few times over.</summary>
    private const long Groups = 528;

    /// <summary>Parts at most: few columns need few bytes of each row, so more groups would not read faster.</summary>
    private const long MostParts = 256;

    private static readonly ImmutableArray<ArgumentKind> Arguments =
    [
        ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Doubles, ArgumentKind.Int64, ArgumentKind.Int64,
        ArgumentKind.Int32, ArgumentKind.Int32
    ];

    private static readonly DeviceKernel Reference = new("GramReference", 256, Arguments) { Ships = false };
    private static readonly DeviceKernel Registers = new("Gram", 256, Arguments);
    private static readonly DeviceKernel TensorCores = new("GramTensor", 256, Arguments);
    private static readonly DeviceKernel Totals = new("GramTotal", 256, [ArgumentKind.Doubles, ArgumentKind.Doubles, ArgumentKind.Int32]);

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [Reference, Registers, TensorCores, Totals];

    /// <summary>Tiles of the triangle of k columns.</summary>
    public static long Tiles(int k)
    {
        long across = ((long)k + TileSide - 1) / TileSide;
        return across * (across + 1) / 2;
    }

    /// <summary>Runs of rows that have sums of their own, by k alone.</summary>
    public static int Parts(int k) => (int)Math.Clamp(Groups / Tiles(k), 1, MostParts);

    /// <summary>tiles += the triangle of XᵀX for X = diag(scale)·features.</summary>
    /// <param name="device">Where all lies.</param>
    /// <param name="features">float32 [rows, k].</param>
    /// <param name="scale">float32 [rows], or a view of length 0 for ones.</param>
    /// <param name="tiles">float64 [parts, tiles, 128, 128].</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="k">Columns.</param>
    /// <param name="parts">Parts there are.</param>
    /// <param name="version">Which kernel.</param>
    public static void Add(
        IDevice device, MemoryView features, MemoryView scale, MemoryView tiles, long rows, int k, int parts,
        DeviceArithmetic version = DeviceArithmetic.Float32)
    {
        DeviceKernel kernel = version switch
        {
            DeviceArithmetic.Reference => Reference,
            DeviceArithmetic.TensorCores => TensorCores,
            _ => Registers,
        };

        // Few rows need few parts; what a part holds follows from the numbers of rows and columns alone.
        parts = (int)Math.Min(parts, (rows + ChunkRows - 1) / ChunkRows);
        tiles = tiles.Slice(0, parts * Tiles(k) * TileLength);
        Grid3 grid = new(kernel == Reference ? Tiles(k) * TileLength / Reference.Threads : Tiles(k), parts);
        device.Launch(kernel, grid, features, scale, tiles, rows, (long)k, parts, ScoreLaunches.ByVectors(features, k) ? 1 : 0);
    }

    /// <summary>total = Σ_part tiles[part].</summary>
    public static void Total(IDevice device, MemoryView tiles, MemoryView total, int parts) =>
        device.Launch(Totals, new Grid3((total.Length + Totals.Threads - 1) / Totals.Threads), tiles, total, parts);
}
