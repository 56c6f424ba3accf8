
namespace TrakFast.Cli.Consoles;

/// <summary>
/// What a command writes for its reader: lines, tables and progress. On a terminal it is drawn by Spectre.Console;
/// elsewhere it is plain lines that a log or a pipe can keep.
/// </summary>
internal abstract class ToolConsole
{
    /// <summary>Cells of a line. What is no terminal has no width; 120 cells can be read without scrolling in most places.</summary>
    public virtual int Width => 120;

    /// <summary>Writes one line.</summary>
    public abstract void Line(string text = "");

    /// <summary>Writes a table.</summary>
    public abstract void Table(ToolTable table);

    /// <summary>Runs long work and shows how far it is, at what rate, and the time left.</summary>
    /// <param name="title">What is being done: "Featurizing".</param>
    /// <param name="total">How many units there are to do.</param>
    /// <param name="unit">What is counted: "examples".</param>
    /// <param name="work">The work; it reports how many units are done so far. Reports may come from any thread.</param>
    public abstract Task<T> RunAsync<T>(string title, long total, string unit, Func<IProgress<long>, Task<T>> work);

    /// <summary>Runs long work that returns nothing.</summary>
    public Task RunAsync(string title, long total, string unit, Func<IProgress<long>, Task> work) =>
        RunAsync(title, total, unit, async progress =>
        {
            await work(progress).ConfigureAwait(false);
            return true;
        });

    /// <summary>A console for the stream: a live one when it is the process's terminal, plain lines otherwise.</summary>
    public static ToolConsole For(TextWriter output) =>
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected
            ? new TerminalConsole(output)
            : new PlainConsole(output, TimeProvider.System);
}
