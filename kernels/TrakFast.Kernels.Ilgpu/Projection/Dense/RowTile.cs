using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// sums[b, j] += Σ_c g[b, c]·P[c, j] by float32 FMAs in the order of the elements, for one row and 128 columns: for gradients whose
/// coordinates are another row's no more, so that no entry serves two. 32 elements at a time, the group makes the entries [32, 128]
/// in shared memory and half of its threads add them, a column each. All of its time goes into entries, of which it makes each once, where
/// <see cref="ReferenceTile{TEntries}"/> makes 128 signs, or 4 normal numbers, for one that it uses.
/// </summary>
/// <typeparam name="TEntries">Entries of P.</typeparam>
internal struct RowTile<TEntries> : IRowTile
    where TEntries : struct, IRandomEntries
{
    /// <inheritdoc/>
    public static void RunRow<TSource>(TSource source, ProjectionTarget target)
        where TSource : struct, IGradientSource
    {
        ArrayView<float> gradients = SharedMemory.Allocate<float>(32), entries = SharedMemory.Allocate<float>(32 * 128);
        ArrayView<uint> words = SharedMemory.Allocate<uint>(4 * 256);
        int thread = Group.IdxX;
        long row = Grid.IdxZ, first = target.First, end = target.End;
        float sum = 0;
        for (long start = first; start < end; start += 32)
        {
            TEntries.Fill(source, target, first, start, Grid.IdxX, entries, words);
            if (thread < 32) gradients[thread] = start + thread < end ? source.Value(row, source.Place(start + thread)) : 0;
            Group.Barrier();
            if (thread < 128)
            {
                for (int e = 0; e < 32; e++) sum = DeviceOperations.Fma(gradients[e], entries[(e * 128) + thread], sum);
            }

            Group.Barrier();
        }

        if (thread < 128) target.Write(row, ((long)Grid.IdxX * 128) + thread, sum);
    }
}
