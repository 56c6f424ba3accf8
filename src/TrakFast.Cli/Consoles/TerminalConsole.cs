using Spectre.Console;

namespace TrakFast.Cli.Consoles;

/// <summary>A terminal: tables with lines and a live progress bar, drawn by Spectre.Console.</summary>
internal sealed class TerminalConsole : ToolConsole
{
    // Cells of a column of numbers.
    private const int LongestWhole = 18;
    private readonly IAnsiConsole _console;

    /// <summary>Draws on the terminal behind the stream.</summary>
    public TerminalConsole(TextWriter output)
        : this(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }))
    {
    }

    /// <summary>Draws on the Spectre console given.</summary>
    public TerminalConsole(IAnsiConsole console) => _console = console;

    /// <inheritdoc/>
    public override int Width => _console.Profile.Width;

    /// <inheritdoc/>
    public override void Line(string text = "") => _console.WriteLine(text);

    /// <inheritdoc/>
    public override void Table(ToolTable table)
    {
        Table drawn = new() { Border = TableBorder.Rounded };
        for (int column = 0; column < table.Headings.Count; column++)
        {
            // Numbers stay in one piece; where there is no room for all, long words are what is broken.
            bool isShort = table.Rows.All(row => row[column].Length <= LongestWhole);
            drawn.AddColumn(new TableColumn(new Text(table.Headings[column], new Style(decoration: Decoration.Bold))) { NoWrap = isShort });
        }

        int lines = (3 * table.Headings.Count) + 1; // a line and two blanks for each column, and the last line
        foreach (IReadOnlyList<string> row in table.RowsFor(Width, lines)) drawn.AddRow(row.Select(static cell => new Text(cell)));
        _console.Write(drawn);
    }

    /// <inheritdoc/>
    public override Task<T> RunAsync<T>(string title, long total, string unit, Func<IProgress<long>, Task<T>> work) =>
        _console.Progress()
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RateColumn(unit), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(total, 1));
                T result = await work(new TaskProgress(task)).ConfigureAwait(false);
                task.Value = task.MaxValue;
                return result;
            });

    // Progress<T> posts to the thread pool and may report out of order; this one reports at once.
    private sealed class TaskProgress(ProgressTask task) : IProgress<long>
    {
        public void Report(long value) => task.Value = value;
    }
}
