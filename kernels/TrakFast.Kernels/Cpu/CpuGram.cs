namespace TrakFast.Kernels;

/// <summary>
/// ΦᵀΦ by square tiles of its upper triangle, parallel over tiles: each is multiplied in float32 over at most 512 rows at a
/// time and carried in float64. A tile belongs to one thread, so the sums are the same for any number of them.
/// </summary>
internal sealed unsafe class CpuGram(int dimension, Workers workers, ScratchPool pool) : IGramAccumulator
{
    private const int ChunkRows = 512;

    /// <summary>Small enough that a tile's float64 sums stay in the second-level cache over all chunks.</summary>
    private const int TileColumns = 256;

    /// <summary>Rows of a strip of a diagonal tile; a strip begins at the diagonal, so little of the lower triangle is computed.</summary>
    private const int StripRows = 64;

    /// <summary>Rows that are scaled into scratch at a time.</summary>
    private const int ScaledRows = 8 * ChunkRows;

    private readonly SymmetricMatrix _sum = new(dimension);

    /// <inheritdoc/>
    public void Add(MemoryView features, long rows, MemoryView rowScale)
    {
        if (features.Length != rows * dimension || (rowScale.Length != 0 && rowScale.Length != rows))
            throw new ArgumentException($"{features.Length} features and {rowScale.Length} scales do not fit {rows} rows of {dimension}.");
        if (rows == 0) return;
        float* source = features.Floats;
        if (rowScale.Length == 0)
        {
            Add(source, rows);
            return;
        }

        using ScratchPool.Lease lease = pool.Rent(Math.Min(rows, ScaledRows) * dimension);
        float* scaled = lease.Pointer, scale = rowScale.Floats;
        for (long first = 0; first < rows; first += ScaledRows)
        {
            long at = first, count = Math.Min(ScaledRows, rows - first);
            workers.Run(count, 16, (start, end) =>
            {
                for (long r = start; r < end; r++)
                    VectorAdd.Scale(scale[at + r], source + ((at + r) * dimension), scaled + (r * dimension), dimension);
            });
            Add(scaled, count);
        }
    }

    /// <inheritdoc/>
    public SymmetricMatrix ToMatrix()
    {
        SymmetricMatrix matrix = new(dimension);
        for (int i = 0; i < dimension; i++)
        {
            Span<double> row = matrix.Row(i);
            _sum.Row(i)[i..].CopyTo(row[i..]);
            for (int j = 0; j < i; j++) row[j] = _sum.Row(j)[i];
        }

        return matrix;
    }

    /// <inheritdoc/>
    public void Dispose() => _sum.Dispose();

    private void Add(float* features, long rows)
    {
        int tiles = (dimension + TileColumns - 1) / TileColumns;
        workers.Run((long)tiles * (tiles + 1) / 2, 1, (start, end) =>
        {
            using ScratchPool.Lease lease = pool.Rent(TileColumns * TileColumns);
            for (long index = 0, i = 0; i < tiles; i++)
            {
                for (long j = i; j < tiles; j++, index++)
                {
                    if (index >= start && index < end) AddTile(features, rows, (int)i * TileColumns, (int)j * TileColumns, lease.Pointer);
                }
            }
        });
    }

    private void AddTile(float* features, long rows, int top, int left, float* product)
    {
        if (top == left)
        {
            int end = Math.Min(dimension, top + TileColumns);
            for (int row = top; row < end; row += StripRows) AddPart(features, rows, row, Math.Min(StripRows, end - row), row, end - row, product);
            return;
        }

        AddPart(features, rows, top, Math.Min(TileColumns, dimension - top), left, Math.Min(TileColumns, dimension - left), product);
    }

    private void AddPart(float* features, long rows, int top, int height, int left, int width, float* product)
    {
        for (long first = 0; first < rows; first += ChunkRows)
        {
            float* chunk = features + (first * dimension);
            Sgemm.Multiply(
                Workers.Single, true, false, height, width, Math.Min(ChunkRows, rows - first),
                chunk + top, dimension, chunk + left, dimension, product, width, false);
            for (int i = 0; i < height; i++)
                VectorAdd.AddWide(product + ((long)i * width), _sum.Pointer + ((long)(top + i) * dimension) + left, width);
        }
    }
}
