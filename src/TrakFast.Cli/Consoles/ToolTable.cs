namespace TrakFast.Cli.Consoles;

/// <summary>A small table of text for the console.</summary>
internal sealed class ToolTable
{
    private readonly List<string[]> _rows = [];

    /// <summary>Starts a table with its column headings.</summary>
    public ToolTable(params string[] headings) => Headings = headings;

    /// <summary>Column headings.</summary>
    public IReadOnlyList<string> Headings { get; }

    /// <summary>Rows, each with as many cells as there are headings.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells)
    {
        if (cells.Length != Headings.Count)
            throw new ArgumentException($"{cells.Length} cells given to a table of {Headings.Count} columns.", nameof(cells));
        _rows.Add(cells);
    }
}
