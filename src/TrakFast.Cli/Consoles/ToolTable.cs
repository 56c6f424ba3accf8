namespace TrakFast.Cli.Consoles;

/// <summary>A small table of text for the console.</summary>
internal sealed class ToolTable
{
    // A column that is cut keeps this many cells, on however narrow a terminal.
    private const int LeastCells = 16;
    private readonly List<string[]> _rows = [];

    /// <summary>Starts a table with its column headings.</summary>
    public ToolTable(params string[] headings) => Headings = headings;

    /// <summary>Column headings.</summary>
    public IReadOnlyList<string> Headings { get; }

    /// <summary>Whether cells of the last column are cut to what is left of the line, instead of being shown whole.</summary>
    public bool CutsLastColumn { get; init; }

    /// <summary>Rows, each with as many cells as there are headings.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells)
    {
        if (cells.Length != Headings.Count)
            throw new ArgumentException($"{cells.Length} cells given to a table of {Headings.Count} columns.", nameof(cells));
        _rows.Add(cells);
    }

    /// <summary>The rows as a line of some width shows them.</summary>
    /// <param name="width">Cells of a line.</param>
    /// <param name="taken">Cells of it that are not for text.</param>
    public IEnumerable<IReadOnlyList<string>> RowsFor(int width, int taken)
    {
        if (!CutsLastColumn) return Rows;
        int others = Enumerable.Range(0, Headings.Count - 1)
            .Sum(column => _rows.Select(row => row[column]).Append(Headings[column]).Max(CellText.Width));
        int left = Math.Max(LeastCells, width - taken - others);
        return _rows.Select(row => (IReadOnlyList<string>)[.. row[..^1], CellText.Cut(row[^1], left)]);
    }
}
