namespace TrakFast;

/// <summary>How many rows of features go through memory at once.</summary>
internal static class RowBlockSize
{
    private const long Bytes = 32 << 20;

    /// <summary>Rows of 32 MiB, at most 4,096. Depends on the width alone, so results do not depend on the machine.</summary>
    public static long For(long width) => Math.Clamp(Bytes / (4 * width), 1, 4096);
}
