
namespace TrakFast.Cli.Consoles;

/// <summary>Plain lines for logs and pipes: no colors, no cursor movement, progress every few seconds.</summary>
internal sealed class PlainConsole : ToolConsole
{
    private const string ColumnGap = "  ";
    private readonly TextWriter _output;
    private readonly TimeProvider _time;

    /// <summary>Writes to the stream and takes the time from the clock given.</summary>
    public PlainConsole(TextWriter output, TimeProvider time)
    {
        _output = output;
        _time = time;
    }

    /// <inheritdoc/>
    public override void Line(string text = "") => _output.WriteLine(text);

    /// <inheritdoc/>
    public override void Table(ToolTable table)
    {
        IReadOnlyList<string>[] rows = [table.Headings, .. table.RowsFor(Width, ColumnGap.Length * (table.Headings.Count - 1))];
        int[] widths = [.. Enumerable.Range(0, table.Headings.Count).Select(c => rows.Max(row => CellText.Width(row[c])))];
        foreach (IReadOnlyList<string> row in rows)
            _output.WriteLine(string.Join(ColumnGap, row.Select((cell, c) => CellText.Pad(cell, widths[c]))).TrimEnd());
    }

    /// <inheritdoc/>
    public override async Task<T> RunAsync<T>(string title, long total, string unit, Func<IProgress<long>, Task<T>> work)
    {
        PlainProgress progress = new(_output, _time, title, total, unit);
        T result = await work(progress).ConfigureAwait(false);
        progress.Finish();
        return result;
    }
}
