namespace TrakFast.Kernels;

/// <summary>
/// The upper triangle of ΦᵀΦ. Rows come in chunks of 512: a chunk is packed once by all threads, and every tile of a few rows
/// and columns is summed over it in float32 registers and carried in float64 while it is at hand. An element's sums are
/// those of its own two columns, so they are the same for any number of threads.
/// </summary>
internal sealed unsafe class CpuGram(int dimension, Workers workers, ScratchPool pool) : IGramAccumulator
{
    private readonly SymmetricMatrix _sum = new(dimension);

    /// <inheritdoc/>
    public void Add(MemoryView features, long rows, MemoryView rowScale)
    {
        if (features.Length != rows * dimension || (rowScale.Length != 0 && rowScale.Length != rows))
            throw new ArgumentException($"{features.Length} features and {rowScale.Length} scales do not fit {rows} rows of {dimension}.");
        if (rows == 0) return;
        float* source = features.Floats, scale = rowScale.Length == 0 ? null : rowScale.Floats;
        if (Simd.Avx512) SymmetricProduct<GemmKernel512<float>>.Add(workers, pool, source, rows, dimension, scale, _sum.Pointer);
        else if (Simd.Avx256) SymmetricProduct<GemmKernel256<float>>.Add(workers, pool, source, rows, dimension, scale, _sum.Pointer);
        else if (Simd.Vectors) SymmetricProduct<GemmKernel128<float>>.Add(workers, pool, source, rows, dimension, scale, _sum.Pointer);
        else SymmetricProduct<GemmKernelScalar<float>>.Add(workers, pool, source, rows, dimension, scale, _sum.Pointer);
    }

    /// <inheritdoc/>
    public SymmetricMatrix ToMatrix()
    {
        const int Tile = 32;
        SymmetricMatrix matrix = new(dimension);
        double* from = _sum.Pointer, to = matrix.Pointer;
        long ld = dimension;
        workers.Run((dimension + Tile - 1) / Tile, 4, (start, end) =>
        {
            // In squares, so that the lower triangle reads whole cache lines of the upper one.
            for (long top = start * Tile; top < Math.Min(ld, end * Tile); top += Tile)
            {
                long bottom = Math.Min(ld, top + Tile);
                for (long left = 0; left < top; left += Tile)
                {
                    for (long i = top; i < bottom; i++)
                    {
                        for (long j = left; j < left + Tile; j++) to[(i * ld) + j] = from[(j * ld) + i];
                    }
                }

                for (long i = top; i < bottom; i++)
                {
                    for (long j = top; j < i; j++) to[(i * ld) + j] = from[(j * ld) + i];
                    Buffer.MemoryCopy(from + (i * ld) + i, to + (i * ld) + i, (ld - i) * sizeof(double), (ld - i) * sizeof(double));
                }
            }
        });
        return matrix;
    }

    /// <inheritdoc/>
    public void Dispose() => _sum.Dispose();
}
