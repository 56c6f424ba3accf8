using TrakFast.Cli.Vocabularies;

namespace TrakFast.Cli.Data;

/// <summary>The classes' names in the order of their numbers.</summary>
internal static class ClassNames
{
    /// <summary>Reads names: one a line, or JSON.</summary>
    /// <exception cref="TrakException">The file cannot be used, or a number has no name.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        IReadOnlyDictionary<long, string> names = TokenListFile.Read(path).Entries;
        string[] inOrder = new string[names.Count];
        for (int i = 0; i < inOrder.Length; i++)
            inOrder[i] = names.GetValueOrDefault(i) ?? throw new TrakException($"{path} has {names.Count} names and none for the class {i}.");
        return inOrder;
    }
}
