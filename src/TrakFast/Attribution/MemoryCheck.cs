namespace TrakFast;

/// <summary>What a run will need of memory, said before it starts: featurizing may take days.</summary>
internal static class MemoryCheck
{
    // What is accumulated and what it becomes; in TRAK scaling the inverse beside its factor.
    private const int InUnitScaling = 2;
    private const int InTrakScaling = 3;

    /// <summary>Refuses kernel matrices that have no room.</summary>
    /// <param name="k">Projection dimension.</param>
    /// <param name="scaling">Units of features.</param>
    /// <exception cref="TrakException">All that finalizing holds of float64 [k, k] is more than this process may use.</exception>
    public static void KernelMatrices(int k, ScoreScaling scaling) =>
        KernelMatrices(k, scaling, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>The same for a process that may use so many bytes.</summary>
    internal static void KernelMatrices(int k, ScoreScaling scaling, long available)
    {
        int matrices = scaling == ScoreScaling.TrakPython ? InTrakScaling : InUnitScaling;
        double bytes = 8.0 * matrices * k * k;
        if (bytes > available)
            throw new TrakException(
                $"k = {k} makes {matrices} matrices of k×k float64 when it is finalized, {MemoryText.Of(bytes)}, "
                + $"and this process may use {MemoryText.Of(available)}; "
                + $"choose a projection with k = {(int)Math.Sqrt(available / (16.0 * matrices))} or less.");
    }
}
