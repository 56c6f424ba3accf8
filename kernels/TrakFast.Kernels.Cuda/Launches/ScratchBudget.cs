namespace TrakFast.Kernels;

/// <summary>How much of a device's memory a call may take for itself.</summary>
internal static class ScratchBudget
{
    /// <summary>Bytes of one kind of scratch at most, unless a single piece of work needs more.</summary>
    public const long Bytes = 256L << 20;

    /// <summary>Grids are limited to so many groups along y and z.</summary>
    public const int MostGroups = 65535;

    /// <summary>Pieces of work of some bytes each that are done together: at least one, at most <paramref name="count"/>.</summary>
    public static int Together(long bytes, int count) => (int)Math.Clamp(Bytes / Math.Max(1, bytes), 1, count);

    /// <summary>Cuts examples into batches of at most <paramref name="together"/>, in order.</summary>
    public static IEnumerable<(int First, int Count)> Batches(int examples, int together)
    {
        for (int first = 0; first < examples; first += together) yield return (first, Math.Min(together, examples - first));
    }
}
