namespace TrakFast.Datasets;

/// <summary>Code points that differ by case alone, in families.</summary>
internal static class CaseFamilies
{
    private static readonly Dictionary<int, int[]> ByMember = Group();

    /// <summary>Every family of more than one.</summary>
    public static IReadOnlyList<int[]> All { get; } = [.. ByMember.Values.Distinct()];

    /// <summary>The family of a code point, itself included.</summary>
    public static int[] Of(int c) => ByMember.TryGetValue(c, out int[]? family) ? family : [c];

    private static Dictionary<int, int[]> Group()
    {
        Dictionary<int, int> folds = Characters.CaseFolds.ToDictionary(static p => p.From, static p => p.To);
        return folds.GroupBy(p => Root(folds, p.Value), static p => p.Key)
            .Select(static g => (int[])[g.Key, .. g.Where(c => c != g.Key)])
            .SelectMany(static f => f.Select(c => (c, f))).ToDictionary(static p => p.c, static p => p.f);
    }

    // Some letters fold to one that is folded further.
    private static int Root(Dictionary<int, int> folds, int c)
    {
        for (int steps = 0; steps < 4 && folds.TryGetValue(c, out int next); steps++) c = next;
        return c;
    }
}
