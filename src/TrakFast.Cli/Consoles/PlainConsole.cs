namespace TrakFast.Cli.Consoles;

/// <summary>Plain lines for logs and pipes: no colours, no cursor movement, progress every few seconds.</summary>
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
        int[] widths = new int[table.Headings.Count];
        foreach (IReadOnlyList<string> row in table.Rows.Prepend(table.Headings))
        {
            for (int c = 0; c < widths.Length; c++) widths[c] = Math.Max(widths[c], row[c].Length);
        }

        foreach (IReadOnlyList<string> row in table.Rows.Prepend(table.Headings))
            _output.WriteLine(string.Join(ColumnGap, row.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd());
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
