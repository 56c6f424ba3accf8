using Spectre.Console;

namespace TrakFast.Cli.Consoles;

/// <summary>A terminal: tables with lines and a live progress bar, drawn by Spectre.Console.</summary>
internal sealed class TerminalConsole : ToolConsole
{
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
        foreach (string heading in table.Headings)
            drawn.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))));
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
