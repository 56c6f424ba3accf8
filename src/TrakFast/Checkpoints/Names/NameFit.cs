namespace TrakFast;

/// <summary>Finds the change of names with which most of what a model wants is in a file, by names and shapes.</summary>
internal static class NameFit
{
    private const int MostTried = 24;
    private const long MostPairs = 30_000_000;

    /// <summary>The change, and others that would have done as well.</summary>
    /// <param name="held">Shapes by name in the file.</param>
    /// <param name="wanted">Shapes by name in the model.</param>
    public static (NameChange Best, int Fitting, IReadOnlyList<NameChange> Others) Find(
        IReadOnlyDictionary<string, IReadOnlyList<long>> held, IReadOnlyDictionary<string, IReadOnlyList<long>> wanted)
    {
        int unchanged = Fitting(NameChange.None, held, wanted);
        if (unchanged == wanted.Count) return (NameChange.None, unchanged, []);
        (NameChange Change, int Fitting)[] tried = [.. Candidates(held, wanted)
            .Select(change => (change, Fitting(change, held, wanted)))
            .Where(t => t.Item2 > unchanged)];

        // Averaged weights are not taken for holding a little more than those they are averages of.
        int plain = Math.Max(unchanged, tried.Where(static t => !t.Change.IsAveraged).Select(static t => t.Fitting).DefaultIfEmpty().Max());
        tried = [.. tried
            .Where(t => !t.Change.IsAveraged || t.Fitting > 2 * plain || t.Fitting == plain)
            .OrderByDescending(static t => t.Fitting)
            .ThenBy(static t => t.Change.IsAveraged)
            .ThenByDescending(static t => t.Change.IsOfWrappers)
            .ThenBy(static t => t.Change.Size)
            .ThenBy(static t => t.Change.Removed, StringComparer.Ordinal)];
        if (tried.Length == 0) return (NameChange.None, unchanged, []);
        (NameChange best, int most) = tried[0];
        return (best, most, [.. tried.Skip(1).Where(t => t.Fitting == most).Select(static t => t.Change)]);
    }

    private static int Fitting(
        NameChange change, IReadOnlyDictionary<string, IReadOnlyList<long>> held, IReadOnlyDictionary<string, IReadOnlyList<long>> wanted)
    {
        int fitting = 0;
        foreach ((string name, IReadOnlyList<long> shape) in held)
        {
            if (change.Apply(name) is { } changed
                && wanted.TryGetValue(changed, out IReadOnlyList<long>? other) && other.SequenceEqual(shape))
                fitting++;
        }

        return fitting;
    }

    // Every pair of a name there and a name here that could be the same weight is a vote.
    private static IEnumerable<NameChange> Candidates(
        IReadOnlyDictionary<string, IReadOnlyList<long>> held, IReadOnlyDictionary<string, IReadOnlyList<long>> wanted)
    {
        Dictionary<NameChange, int> votes = [];
        ILookup<string, string> byEnd = held.Keys.ToLookup(static n => n[(n.LastIndexOf('.') + 1)..], StringComparer.Ordinal);
        long pairs = 0;
        foreach ((string name, IReadOnlyList<long> shape) in wanted)
        {
            foreach (string other in byEnd[name[(name.LastIndexOf('.') + 1)..]])
            {
                if (++pairs > MostPairs) break;
                if (held[other].SequenceEqual(shape) && NameChange.Between(other, name) is { } change)
                    votes[change] = votes.GetValueOrDefault(change) + 1;
            }
        }

        return votes
            .Where(static v => v.Key != NameChange.None)
            .OrderByDescending(static v => v.Value)
            .ThenBy(static v => v.Key.Size)
            .ThenBy(static v => v.Key.Removed, StringComparer.Ordinal)
            .Take(MostTried)
            .Select(static v => v.Key);
    }
}
