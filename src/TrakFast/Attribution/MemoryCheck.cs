namespace TrakFast;

/// <summary>What a run will need of memory, said before it starts: featurizing may take days.</summary>
internal static class MemoryCheck
{
    /// <summary>Refuses a kernel matrix that has no room.</summary>
    /// <param name="k">Projection dimension.</param>
    /// <exception cref="TrakException">float64 [k, k] is more than this process may use.</exception>
    public static void KernelMatrix(int k)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        double bytes = 8.0 * k * k;
        if (bytes > available)
            throw new TrakException(
                $"k = {k} makes a kernel matrix of {bytes / (1 << 30):F0} GiB, and this process may use {available >> 30} GiB; "
                + $"choose a projection with k = {(int)Math.Sqrt(available / 32.0)} or less.");
    }
}
