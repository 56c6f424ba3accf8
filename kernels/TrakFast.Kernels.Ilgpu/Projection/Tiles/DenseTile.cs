using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Tiles of 4,096 values that lie in memory one after the other. A thread has 16 loads in flight, each coalesced over its warp
/// whatever the alignment; a tile is asked for before the one in hand is worked on, so that memory is never idle.
/// </summary>
internal struct DenseTile : ITile
{
    /// <summary>float32 [length], an example's.</summary>
    public ArrayView<float> Values;

    /// <inheritdoc/>
    public static bool Ahead => true;

    /// <inheritdoc/>
    public readonly TileValues Load(int chunk, ArrayView<float> shared)
    {
        TileValues values = default;
        long at = ((long)chunk * 4096) + Group.IdxX;
        if (((long)chunk * 4096) + 4096 <= Values.Length)
        {
            values.V0 = Values[at + 0];
            values.V1 = Values[at + 256];
            values.V2 = Values[at + 512];
            values.V3 = Values[at + 768];
            values.V4 = Values[at + 1024];
            values.V5 = Values[at + 1280];
            values.V6 = Values[at + 1536];
            values.V7 = Values[at + 1792];
            values.V8 = Values[at + 2048];
            values.V9 = Values[at + 2304];
            values.V10 = Values[at + 2560];
            values.V11 = Values[at + 2816];
            values.V12 = Values[at + 3072];
            values.V13 = Values[at + 3328];
            values.V14 = Values[at + 3584];
            values.V15 = Values[at + 3840];
        }
        else
        {
            values.V0 = At(at + 0);
            values.V1 = At(at + 256);
            values.V2 = At(at + 512);
            values.V3 = At(at + 768);
            values.V4 = At(at + 1024);
            values.V5 = At(at + 1280);
            values.V6 = At(at + 1536);
            values.V7 = At(at + 1792);
            values.V8 = At(at + 2048);
            values.V9 = At(at + 2304);
            values.V10 = At(at + 2560);
            values.V11 = At(at + 2816);
            values.V12 = At(at + 3072);
            values.V13 = At(at + 3328);
            values.V14 = At(at + 3584);
            values.V15 = At(at + 3840);
        }

        return values;
    }

    /// <inheritdoc/>
    public readonly void Store(TileValues values, ArrayView<float> tile)
    {
        int at = Group.IdxX;
        tile[at + 0] = values.V0;
        tile[at + 256] = values.V1;
        tile[at + 512] = values.V2;
        tile[at + 768] = values.V3;
        tile[at + 1024] = values.V4;
        tile[at + 1280] = values.V5;
        tile[at + 1536] = values.V6;
        tile[at + 1792] = values.V7;
        tile[at + 2048] = values.V8;
        tile[at + 2304] = values.V9;
        tile[at + 2560] = values.V10;
        tile[at + 2816] = values.V11;
        tile[at + 3072] = values.V12;
        tile[at + 3328] = values.V13;
        tile[at + 3584] = values.V14;
        tile[at + 3840] = values.V15;
    }

    private readonly float At(long at) => at < Values.Length ? Values[at] : 0;
}
