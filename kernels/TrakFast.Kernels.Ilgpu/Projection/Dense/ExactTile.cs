using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// sums[b, j] += Σ_c g[b, c]·P[c, j] by float32 FMAs in the order of the coordinates, for tiles of 32 rows × 128 columns. 32 coordinates
/// at a time, the group makes the gradients [32 coordinates, 32 rows] and the entries [32, 128] in shared memory; a thread holds
/// 4 rows × 4 columns of sums, and a coordinate costs it two 16-byte loads of shared memory, one of them the same for its whole warp,
/// for 16 FMAs.
///
/// An entry is made once for 32 rows and a gradient once for 128 columns, where <see cref="ReferenceTile{TEntries}"/> makes both for
/// every product. A normal number costs some 50 instructions and is used for 32 FMAs, so for normal numbers tensor cores would
/// mostly wait; signs have <see cref="SignTile"/>. Traffic: 4 bytes of gradient for 256 floating-point operations.
/// </summary>
/// <typeparam name="TEntries">Entries of P.</typeparam>
internal struct ExactTile<TEntries> : IProjectionTile
    where TEntries : struct, IRandomEntries
{
    /// <inheritdoc/>
    public static void Run<TSource>(TSource source, ProjectionTarget target)
        where TSource : struct, ISharedSource
    {
        // Coordinates lie 36 apart and not 32, so that a warp that writes 32 of them meets 8 banks and not one.
        ArrayView<float> gradients = SharedMemory.Allocate<float>(32 * 36), entries = SharedMemory.Allocate<float>(32 * 128);
        ArrayView<uint> words = SharedMemory.Allocate<uint>(4 * 256);
        int warp = Group.IdxX >> 5, lane = Group.IdxX & 31;
        long firstRow = (long)Grid.IdxZ * 32, first = target.First, end = target.End;
        Float4 sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (long start = first; start < end; start += 32)
        {
            TEntries.Fill(source, target, first, start, Grid.IdxX, entries, words);
            bool within = start + lane < end;
            long place = source.Place(start + lane);
            for (int row = warp; row < 32; row += 8)
                gradients[(lane * 36) + row] = within && firstRow + row < target.Rows ? source.Value(firstRow + row, place) : 0;
            Group.Barrier();
            for (int e = 0; e < 32; e++)
            {
                Float4 g = gradients.Cast<Float4>()[(e * 9) + warp], p = entries.Cast<Float4>()[(e * 32) + lane];
                sum0 = p.Times(g.X, sum0);
                sum1 = p.Times(g.Y, sum1);
                sum2 = p.Times(g.Z, sum2);
                sum3 = p.Times(g.W, sum3);
            }

            Group.Barrier();
        }

        long r = firstRow + (4 * warp), column = ((long)Grid.IdxX * 128) + (4 * lane);
        Write(target, r, column, sum0);
        Write(target, r + 1, column, sum1);
        Write(target, r + 2, column, sum2);
        Write(target, r + 3, column, sum3);
    }

    private static void Write(ProjectionTarget target, long row, long column, Float4 sums)
    {
        target.Write(row, column, sums.X);
        target.Write(row, column + 1, sums.Y);
        target.Write(row, column + 2, sums.Z);
        target.Write(row, column + 3, sums.W);
    }
}
