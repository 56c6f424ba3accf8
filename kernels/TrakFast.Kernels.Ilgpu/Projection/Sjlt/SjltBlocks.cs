using ILGPU;

namespace TrakFast.Kernels;

/// <summary><see cref="SjltSum"/> for the two kinds of blocks whose examples share their coordinates.</summary>
internal static class SjltBlocks
{
    /// <summary>Gradients [B, length] written out; the parameters are those of <see cref="SjltSum"/>.</summary>
    [KernelEntry("SjltDense", 256, Groups = 4)]
    public static void Dense(
        ArrayView<float> values, long length, ArrayView<ushort> order, ArrayView<float> target, int firstChunk, int chunks,
        int spanChunks, int k, int fold, int sparsity)
    {
        DenseTile tile;
        tile.Values = values.SubView(Grid.IdxX * length, length);
        SjltSum.Run(tile, order, target, firstChunk, chunks, spanChunks, k, fold, sparsity);
    }

    /// <summary>
    /// Outer products, given as in <see cref="FactoredTiles"/>; <paramref name="cut"/> is (firstChunk, chunks), <paramref name="span"/>
    /// (spanChunks, sparsity) and <paramref name="width"/> (k, fold).
    /// </summary>
    [KernelEntry("SjltFactored", 256, Groups = 4)]
    public static void Factored(
        ArrayView<float> left, long leftExample, long leftSteps, ArrayView<float> right, long rightExample, long rightSteps,
        ArrayView<ushort> order, ArrayView<float> target, long size, long shape, float scale, long cut, long span, long width)
    {
        FactoredTile tile = FactoredTiles.Of(left, leftExample, leftSteps, right, rightExample, rightSteps, size, shape, scale, Grid.IdxX);
        SjltSum.Run(tile, order, target, (int)(cut >> 32), (int)cut, (int)(span >> 32), (int)(width >> 32), (int)width, (int)span);
    }
}
