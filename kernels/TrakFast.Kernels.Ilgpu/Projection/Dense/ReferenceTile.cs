using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// sums[b, j] += Σ_c g[b, c]·P[c, j], a thread an output: what the tiles are compared with. Every output makes every gradient and
/// every entry anew: a Philox call, about 60 instructions, for one product.
/// </summary>
/// <typeparam name="TEntries">Entries of P.</typeparam>
internal struct ReferenceTile<TEntries> : IProjectionTile, IRowTile
    where TEntries : struct, IRandomEntries
{
    /// <inheritdoc/>
    public static void Run<TSource>(TSource source, ProjectionTarget target)
        where TSource : struct, ISharedSource => RunRow(source, target);

    /// <inheritdoc/>
    public static void RunRow<TSource>(TSource source, ProjectionTarget target)
        where TSource : struct, IGradientSource
    {
        long row = Grid.IdxZ;
        int column = (int)(((long)Grid.IdxX * 256) + Group.IdxX);
        if (column >= target.Columns) return;
        float sum = 0;
        for (long i = target.First; i < target.End; i++)
        {
            long place = source.Place(i);
            sum = DeviceOperations.Fma(source.Value(row, place), TEntries.Entry(source.Coordinate(place), column, target), sum);
        }

        target.Write(row, column, sum);
    }
}
