namespace TrakFast;

/// <summary>Dictionaries of a pickle.</summary>
internal static class StateDict
{
    /// <summary>The entries of a dictionary by their keys, those that are texts; null for what is no dictionary.</summary>
    public static OrderedDictionary<string, object?>? Entries(object? value)
    {
        if (value is not PickleObject dictionary || TorchTensors.IsTensor(value)) return null;
        bool isOrdered = dictionary.Callee is PickleGlobal { Module: "collections", Name: "OrderedDict" };
        if (!dictionary.IsDictionary && !isOrdered && dictionary.Entries.Count == 0) return null;
        OrderedDictionary<string, object?> entries = new(StringComparer.Ordinal);

        // Python 2 makes an OrderedDict of a list of pairs.
        if (isOrdered && dictionary.ArgumentList is [PickleObject { Callee: null } pairs])
        {
            foreach (object? pair in pairs.Items)
            {
                IReadOnlyList<object?> items = pair switch
                {
                    PickleTuple tuple => tuple.Items,
                    PickleObject { Callee: null } list => list.Items,
                    _ => [],
                };
                if (items is [string name, var item]) entries[name] = item;
            }
        }

        foreach ((object? key, object? item) in dictionary.Entries)
        {
            if (key is string name) entries[name] = item;
        }

        return entries;
    }

    /// <summary>The class of a whole module; null for anything else.</summary>
    public static string? ModuleClass(object? value)
    {
        if (value is not PickleObject module || Entries(module.State) is not { } state
            || !state.ContainsKey("_parameters") || !state.ContainsKey("_modules"))
            return null;
        return Class(module)?.ToString() ?? "a module";
    }

    /// <summary>What something is, for people.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        bool or long or double => "a number",
        string => "a text",
        PickleBytes => "bytes",
        PickleTuple => "a tuple",
        PickleGlobal name => $"the name {WeightNames.Short(name.ToString())}",
        PickleReference => "a storage",
        _ when TorchTensors.IsTensor(value) => "one tensor without a name",
        PickleObject { IsDictionary: true } => "a dictionary",
        PickleObject { Callee: null } => "a list",
        PickleObject made => Class(made) is { } name ? $"an object of {WeightNames.Short(name.ToString())}" : "an object",
        _ => "something",
    };

    private static PickleGlobal? Class(PickleObject made) => made.Callee switch
    {
        PickleGlobal { Module: "copyreg" or "copy_reg" } => made.ArgumentList is [PickleGlobal name, ..] ? name : null,

        // What torch once wrote for a module's class, with the source of it.
        PickleReference { Id: PickleTuple { Items: ["module", PickleGlobal name, ..] } } => name,
        PickleGlobal name => name,
        _ => null,
    };
}
