namespace TrakFast.Kernels;

/// <summary>Examples that are launched together.</summary>
internal static class Batches
{
    /// <summary>Groups along y and z at most.</summary>
    public const int MostGroups = 65535;

    /// <summary>Cuts examples into batches of at most <paramref name="together"/>, in order.</summary>
    public static IEnumerable<(int First, int Count)> Of(int examples, int together)
    {
        for (int first = 0; first < examples; first += together) yield return (first, Math.Min(together, examples - first));
    }
}
