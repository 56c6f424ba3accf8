using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// The definition of SJLT, a thread a feature: φ[b, j] += Σ_c Σ_h ±g[b, c] where hash h of coordinate c is column j.
/// Every feature hashes every coordinate; kept to be compared with.
/// </summary>
internal static class SjltReference
{
    /// <summary>Gradients [B, length] written out.</summary>
    [KernelEntry("SjltDenseReference", 128, Ships = false)]
    public static void Dense(
        ArrayView<float> values, ArrayView<float> features, long offset, long length, int k, int sparsity, uint seed, uint modelId)
    {
        int j = (Grid.IdxY * 128) + Group.IdxX;
        if (j >= k) return;
        float sum = 0;
        for (long c = 0; c < length; c++) sum += values[(Grid.IdxX * length) + c] * Entry(offset + c, j, k, sparsity, seed, modelId);
        features[((long)Grid.IdxX * k) + j] += sum;
    }

    /// <summary>
    /// Outer products, given as in <see cref="FactoredTiles"/>; <paramref name="width"/> is (k, sparsity)
    /// and <paramref name="key"/> (seed, model id).
    /// </summary>
    [KernelEntry("SjltFactoredReference", 128, Ships = false)]
    public static void Factored(
        ArrayView<float> left, long leftExample, long leftSteps, ArrayView<float> right, long rightExample, long rightSteps,
        ArrayView<float> features, long offset, long rowStride, long size, long shape, float scale, long width, long key)
    {
        FactoredTile tile = FactoredTiles.Of(left, leftExample, leftSteps, right, rightExample, rightSteps, size, shape, scale, Grid.IdxX);
        int j = (Grid.IdxY * 128) + Group.IdxX, k = (int)(width >> 32);
        if (j >= k) return;
        float sum = 0;
        for (int row = 0; row < tile.Rows; row++)
        {
            for (int column = 0; column < tile.Columns; column++)
            {
                float entry = Entry(offset + (row * rowStride) + column, j, k, (int)width, (uint)(key >> 32), (uint)key);
                if (entry != 0) sum += entry * tile.Value(row, column);
            }
        }

        features[((long)Grid.IdxX * k) + j] += sum;
    }

    /// <summary>Rows of a table.</summary>
    [KernelEntry("SjltRowsReference", 128, Ships = false)]
    public static void Rows(
        ArrayView<long> ids, ArrayView<float> values, ArrayView<float> features, long offset, int positions, int rowLength, int k,
        int sparsity, uint seed, uint modelId)
    {
        int j = (Grid.IdxY * 128) + Group.IdxX;
        if (j >= k) return;
        float sum = 0;
        for (long t = Grid.IdxX * (long)positions; t < (Grid.IdxX + 1L) * positions; t++)
        {
            for (int d = 0; d < rowLength; d++)
                sum += values[(t * rowLength) + d] * Entry(offset + (ids[t] * rowLength) + d, j, k, sparsity, seed, modelId);
        }

        features[((long)Grid.IdxX * k) + j] += sum;
    }

    /// <summary>P[c, j].</summary>
    private static float Entry(long c, int j, int k, int sparsity, uint seed, uint modelId)
    {
        float entry = 0;
        for (int h = 0; h < sparsity; h++)
        {
            uint word = SjltHash.Word(c, h, seed, modelId);
            if (SjltHash.Column(word, k) == j) entry += (word & 1) == 0 ? 1 : -1;
        }

        return entry;
    }
}
