using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Where the tiles of an example's gradient come from. A tile is 4,096 coordinates, 16 a thread of 256. What lies beyond the
/// block's edge is 0 or left as it was; nobody asks for it.
/// </summary>
internal interface ITile
{
    /// <summary>Whether a tile can be asked for while the shared memory of <see cref="Load"/> is in use.</summary>
    static abstract bool Ahead { get; }

    /// <summary>This thread's values of a tile. All threads come here together.</summary>
    /// <param name="chunk">Number of the tile.</param>
    /// <param name="shared">4,096 floats, 16-byte aligned, to make values in.</param>
    TileValues Load(int chunk, ArrayView<float> shared);

    /// <summary>Writes this thread's values into the tile in shared memory, in the order of its coordinates.</summary>
    void Store(TileValues values, ArrayView<float> tile);
}
