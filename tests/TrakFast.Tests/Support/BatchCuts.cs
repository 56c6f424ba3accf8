namespace TrakFast.Tests.Support;

/// <summary>Examples as a loader brings them.</summary>
internal static class BatchCuts
{
    /// <summary>The examples in batches of a size, the last of which may be smaller.</summary>
    public static IEnumerable<Batch> Cut(this Batch all, int size)
    {
        for (int start = 0; start < all.Size; start += size) yield return all.Rows(start, Math.Min(size, all.Size - start));
    }
}
