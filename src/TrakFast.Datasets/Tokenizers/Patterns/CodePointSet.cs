namespace TrakFast.Datasets;

/// <summary>A set of code points, as ranges in order.</summary>
internal sealed class CodePointSet
{
    /// <summary>Number of code points there are.</summary>
    public const int Limit = 0x110000;

    // Where the set begins and ceases to hold, in turn.
    private readonly int[] _bounds;
    private readonly ulong[] _latin = new ulong[4];

    private CodePointSet(int[] bounds)
    {
        _bounds = bounds;
        for (int c = 0; c < 256; c++)
            if (Holds(c)) _latin[c >> 6] |= 1UL << (c & 63);
    }

    /// <summary>No code points.</summary>
    public static CodePointSet None { get; } = new([]);

    /// <summary>All code points.</summary>
    public static CodePointSet All { get; } = new([0, Limit]);

    /// <summary>The code points from one to another.</summary>
    public static CodePointSet Range(int first, int last) => new([first, last + 1]);

    /// <summary>The code points of which something is true.</summary>
    public static CodePointSet Where(Func<int, bool> holds)
    {
        List<int> bounds = [];
        bool inside = false;
        for (int c = 0; c < Limit; c++)
        {
            if (holds(c) == inside) continue;
            bounds.Add(c);
            inside = !inside;
        }

        if (inside) bounds.Add(Limit);
        return new CodePointSet([.. bounds]);
    }

    /// <summary>Whether a code point is in the set.</summary>
    public bool Contains(int c) => c < 256 ? (_latin[c >> 6] >> (c & 63) & 1) != 0 : Holds(c);

    /// <summary>All other code points.</summary>
    public CodePointSet Complement() =>
        new(_bounds.Length > 0 && _bounds[0] == 0
            ? _bounds[^1] == Limit ? _bounds[1..^1] : [.. _bounds[1..], Limit]
            : _bounds.Length > 0 && _bounds[^1] == Limit ? [0, .. _bounds[..^1]] : [0, .. _bounds, Limit]);

    /// <summary>The code points of either set.</summary>
    public CodePointSet Union(CodePointSet other) => Combine(other, static (a, b) => a || b);

    /// <summary>The code points of both sets.</summary>
    public CodePointSet Intersect(CodePointSet other) => Combine(other, static (a, b) => a && b);

    /// <summary>The set with every code point that differs from one of its own by case alone.</summary>
    public CodePointSet IgnoreCase()
    {
        CodePointSet added = None;
        foreach (int[] family in CaseFamilies.All)
        {
            if (!Array.Exists(family, Contains)) continue;
            foreach (int c in family)
                if (!Contains(c)) added = added.Union(Range(c, c));
        }

        return Union(added);
    }

    private bool Holds(int c)
    {
        int at = Array.BinarySearch(_bounds, c);
        return ((at >= 0 ? at : ~at - 1) & 1) == 0;
    }

    private CodePointSet Combine(CodePointSet other, Func<bool, bool, bool> rule)
    {
        List<int> bounds = [];
        int i = 0, k = 0;
        bool inside = false;
        while (i < _bounds.Length || k < other._bounds.Length)
        {
            int a = i < _bounds.Length ? _bounds[i] : int.MaxValue, b = k < other._bounds.Length ? other._bounds[k] : int.MaxValue;
            int at = Math.Min(a, b);
            if (a == at) i++;
            if (b == at) k++;
            if (rule((i & 1) != 0, (k & 1) != 0) == inside) continue;
            bounds.Add(at);
            inside = !inside;
        }

        return new CodePointSet([.. bounds]);
    }
}
