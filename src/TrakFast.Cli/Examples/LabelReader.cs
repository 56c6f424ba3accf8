using System.Globalization;
using TrakFast.Cli.Vocabularies;
using TrakFast.Kernels;

namespace TrakFast.Cli.Examples;

/// <summary>What the labels of examples are called.</summary>
internal sealed class LabelReader
{
    private readonly string _array;
    private readonly TokenList? _names;

    /// <summary>Reads labels from the array, and their names from the file, if one is given.</summary>
    /// <exception cref="TrakException">The file cannot be used.</exception>
    public LabelReader(string array, string? namesFile)
    {
        _array = array;
        _names = namesFile is null ? null : TokenListFile.Read(namesFile);
    }

    /// <summary>A label's name; its number where it has none.</summary>
    public string Name(long label) =>
        _names?.Entries.GetValueOrDefault(label) is { } name ? VisibleText.OnOneLine(name) : label.ToString(CultureInfo.InvariantCulture);

    /// <summary>The label of the only example of a batch; null where there is none, or more than one number.</summary>
    public string? Read(Batch row)
    {
        if (!row.TryGet(_array, out DataArray? label) || label.Length != 1) return null;
        return label.Type.IsFloat() ? label.ToFloats()[0].ToString("G4", CultureInfo.InvariantCulture) : Name(label.ToLongs()[0]);
    }
}
