namespace TrakFast;

/// <summary>One change that makes the names of a file those of a model: what begins them is replaced.</summary>
/// <param name="Removed">What is taken away in front, with its dot; empty for nothing.</param>
/// <param name="Added">What is put there instead, with its dot; empty for nothing.</param>
internal sealed record NameChange(string Removed, string Added)
{
    private static readonly string[] _wrappers =
        ["module", "_orig_mod", "_forward_module", "_fsdp_wrapped_module", "model", "net", "network", "base_model", "transformer"];

    /// <summary>No change.</summary>
    public static NameChange None { get; } = new(string.Empty, string.Empty);

    /// <summary>Whether the names that it takes up say that they are averaged over the training.</summary>
    public bool IsAveraged => Removed.Split('.', '_').Any(static p => p.ToUpperInvariant() is "EMA" or "SWA" or "AVERAGED" or "SHADOW");

    /// <summary>Whether everything it takes away or puts there is what programs wrap around a model.</summary>
    public bool IsOfWrappers => Removed.Split('.').Concat(Added.Split('.')).All(static p => p.Length == 0 || _wrappers.Contains(p));

    /// <summary>How much it changes.</summary>
    public int Size => Removed.Length + Added.Length;

    /// <summary>The change as the rest of a sentence.</summary>
    public string Description => (Removed.Length > 0, Added.Length > 0) switch
    {
        (true, true) => $"names are taken with '{WeightNames.Short(Added)}' in place of '{WeightNames.Short(Removed)}'",
        (true, false) => $"names are taken without '{WeightNames.Short(Removed)}'",
        _ => $"names are taken with '{WeightNames.Short(Added)}' before them",
    };

    /// <summary>A name after the change; null for one that does not begin as it wants.</summary>
    public string? Apply(string name) => name.StartsWith(Removed, StringComparison.Ordinal) ? Added + name[Removed.Length..] : null;

    /// <summary>The change that makes one name the other, where both end in the same parts; null where they do not.</summary>
    public static NameChange? Between(string name, string wanted)
    {
        int same = 0;
        while (same < name.Length && same < wanted.Length && name[^(same + 1)] == wanted[^(same + 1)]) same++;
        bool endsAtPart = (same == name.Length || name[^(same + 1)] == '.') && (same == wanted.Length || wanted[^(same + 1)] == '.');
        if (!endsAtPart)
        {
            // Back to the dot that the parts after it have in front.
            int dot = name.IndexOf('.', name.Length - same);
            if (dot < 0) return null;
            same = name.Length - dot - 1;
        }

        return same == 0 ? null : new NameChange(name[..^same], wanted[..^same]);
    }
}
