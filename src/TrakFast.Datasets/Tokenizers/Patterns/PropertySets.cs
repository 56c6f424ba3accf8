using System.Collections.Concurrent;

namespace TrakFast.Datasets;

/// <summary>The sets of characters that regular expressions have names for.</summary>
internal static class PropertySets
{
    private static readonly ConcurrentDictionary<string, CodePointSet> Known = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, string> LongNames = new(StringComparer.Ordinal)
    {
        ["letter"] = "l", ["uppercaseletter"] = "lu", ["lowercaseletter"] = "ll", ["titlecaseletter"] = "lt", ["casedletter"] = "lc",
        ["modifierletter"] = "lm", ["otherletter"] = "lo", ["mark"] = "m", ["combiningmark"] = "m", ["nonspacingmark"] = "mn",
        ["spacingmark"] = "mc", ["enclosingmark"] = "me", ["number"] = "n", ["decimalnumber"] = "nd", ["letternumber"] = "nl",
        ["othernumber"] = "no", ["punctuation"] = "p", ["connectorpunctuation"] = "pc", ["dashpunctuation"] = "pd",
        ["openpunctuation"] = "ps", ["closepunctuation"] = "pe", ["initialpunctuation"] = "pi", ["finalpunctuation"] = "pf",
        ["otherpunctuation"] = "po", ["symbol"] = "s", ["mathsymbol"] = "sm", ["currencysymbol"] = "sc", ["modifiersymbol"] = "sk",
        ["othersymbol"] = "so", ["separator"] = "z", ["spaceseparator"] = "zs", ["lineseparator"] = "zl", ["paragraphseparator"] = "zp",
        ["other"] = "c", ["control"] = "cc", ["format"] = "cf", ["privateuse"] = "co", ["surrogate"] = "cs", ["unassigned"] = "cn",
        ["whitespace"] = "space",
    };

    /// <summary>Digits, spaces and characters of words: \d, \s and \w.</summary>
    public static CodePointSet Escape(char letter) => letter switch
    {
        'd' => Named("nd")!,
        's' => Named("space")!,
        'w' => Named("word")!,
        'h' => Named("xdigit")!,
        _ => throw new ArgumentOutOfRangeException(nameof(letter)),
    };

    /// <summary>The set of a name: a general category, a script or a POSIX class; null for a name that is none.</summary>
    public static CodePointSet? Named(string name)
    {
        string key = string.Concat(name.Where(static c => c is not ('_' or ' ' or '-')).Select(char.ToLowerInvariant));
        if (key.Length is 0 or > 40) return null;
        if (LongNames.TryGetValue(key, out string? shortName)) key = shortName;
        if (Known.TryGetValue(key, out CodePointSet? known)) return known;
        if (Make(key) is not { } made) return null;
        Known[key] = made;
        return made;
    }

    private static CodePointSet? Make(string key)
    {
        switch (key)
        {
            case "any": return CodePointSet.All;
            case "ascii": return CodePointSet.Range(0, 127);
            case "assigned": return Category("cn")!.Complement();
            case "lc": return Category("lu")!.Union(Category("ll")!).Union(Category("lt")!);
            case "space": return Flag(Characters.PatternSpace);
            case "word": return Flag(Characters.PatternWord);
            case "punct": return Flag(Characters.PatternPunctuation);
            case "digit": return Category("nd");
            case "cntrl": return Category("cc");
            case "blank": return Category("zs")!.Union(CodePointSet.Range('\t', '\t'));
            case "xdigit":
                return CodePointSet.Range('0', '9').Union(CodePointSet.Range('a', 'f')).Union(CodePointSet.Range('A', 'F'));
        }

        if (Category(key) is { } category) return category;
        for (int i = 0; i < Characters.ScriptNames.Count; i++)
        {
            if (!key.Equals(Characters.ScriptNames[i].Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) continue;
            return CodePointSet.Where(c => Characters.Scripts[c] == i + 1);
        }

        return null;
    }

    private static CodePointSet Flag(int flag) => CodePointSet.Where(c => (Characters.Properties[c] & flag) != 0);

    // "l" is every category that begins so.
    private static CodePointSet? Category(string key)
    {
        if (key.Length > 2) return null;
        bool[] wanted = [.. CharacterTables.Categories.Select(c => c.StartsWith(key, StringComparison.OrdinalIgnoreCase))];
        return wanted.Contains(true) ? CodePointSet.Where(c => wanted[Characters.Properties[c] & 31]) : null;
    }
}
