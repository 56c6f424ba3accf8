namespace TrakFast.Datasets;

/// <summary>Code points that differ by case alone, in families.</summary>
internal static class CaseFamilies
{
    /// <summary>Every family of more than one.</summary>
    public static IReadOnlyList<int[]> All { get; } = Group();

    private static int[][] Group()
    {
        Dictionary<int, int> folds = Characters.CaseFolds.ToDictionary(static p => p.From, static p => p.To);
        IEnumerable<IGrouping<int, int>> families = folds.GroupBy(p => Root(folds, p.Value), static p => p.Key);
        return [.. families.Select(static g => (int[])[g.Key, .. g.Where(c => c != g.Key)])];
    }

    // Some letters fold to one that is folded further.
    private static int Root(Dictionary<int, int> folds, int c)
    {
        for (int steps = 0; steps < 4 && folds.TryGetValue(c, out int next); steps++) c = next;
        return c;
    }
}
