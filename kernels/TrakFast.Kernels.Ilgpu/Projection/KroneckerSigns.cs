using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// The signs of a Kronecker factor written out: signs[n, i] = ±1 as in <see cref="RandomEntries.Kronecker"/>, for rows of a table,
/// or for all rows of a parameter. A thread makes 16 signs of one call of the generator and writes 64 bytes.
/// </summary>
internal static class KroneckerSigns
{
    /// <summary>A thread 16 signs.</summary>
    /// <param name="ids">The rows, or none for rows 0, 1, ….</param>
    /// <param name="signs">float32 [count, size].</param>
    /// <param name="parameter">Coordinate of the parameter's first element.</param>
    /// <param name="size">A multiple of 16.</param>
    /// <param name="stream">Fourth counter word.</param>
    /// <param name="seed">First word of the key.</param>
    /// <param name="modelId">Second word of the key.</param>
    [KernelEntry("KroneckerSigns", 256)]
    public static void Run(ArrayView<long> ids, ArrayView<float> signs, long parameter, int size, uint stream, uint seed, uint modelId)
    {
        long first = (((long)Grid.IdxX * 256) + Group.IdxX) * 16;
        if (first >= signs.Length) return;
        long n = first / size;
        int column = (int)(first - (n * size));
        if (ids.Length > 0) n = ids[n];
        PhiloxWords words = DevicePhilox.Words(parameter + n, (uint)column / 128, stream, seed, modelId);
        int word = column % 128 / 32;
        uint bits = (word == 0 ? words.X : word == 1 ? words.Y : word == 2 ? words.Z : words.W) >> (column % 32);
        for (int i = 0; i < 16; i++, bits >>= 1) signs[first + i] = 1 - (2 * (int)(bits & 1));
    }
}
