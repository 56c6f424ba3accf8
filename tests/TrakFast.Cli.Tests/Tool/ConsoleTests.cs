using Spectre.Console;
using TrakFast.Cli.Consoles;

namespace TrakFast.Cli.Tests.Tool;

public sealed class ConsoleTests
{
    [Test]
    public void PlainTablesAlignTheirColumns()
    {
        StringWriter output = new();
        ToolTable table = new("Name", "Score");
        table.Add("a", "1");
        table.Add("longer", "2");
        new PlainConsole(output, TimeProvider.System).Table(table);
        Assert.That(output.ToString().ReplaceLineEndings("\n"), Is.EqualTo("Name    Score\na       1\nlonger  2\n"));
    }

    [Test]
    public async Task PlainProgressSpeaksEveryFewSeconds()
    {
        StringWriter output = new();
        ManualTime time = new();
        await new PlainConsole(output, time).RunAsync("Featurizing", 1000, "examples", progress =>
        {
            for (int i = 1; i <= 10; i++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                progress.Report(i * 100);
            }

            return Task.CompletedTask;
        });
        string[] lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Is.EqualTo(new[]
        {
            "Featurizing: 300 of 1,000 examples (30 %), 100 examples/s, 7.0 s left",
            "Featurizing: 600 of 1,000 examples (60 %), 100 examples/s, 4.0 s left",
            "Featurizing: 900 of 1,000 examples (90 %), 100 examples/s, 1.0 s left",
            "Featurizing: 1,000 examples in 10 s, 100 examples/s",
        }));
    }

    [Test]
    public async Task ATerminalShowsTableAndProgressAndKeepsBrackets()
    {
        StringWriter output = new();
        TerminalConsole console = new(AnsiConsole.Create(
            new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output) }));
        ToolTable table = new("Shape");
        table.Add("[32, 64]");
        console.Table(table);
        int result = await console.RunAsync("Scoring [val]", 10, "targets", static progress =>
        {
            progress.Report(10);
            return Task.FromResult(42);
        });
        Assert.That(result, Is.EqualTo(42));
        Assert.That(output.ToString(), Does.Contain("[32, 64]").And.Contain("[val]").And.Contain("targets/s"));
    }

    [TestCase("short", 5, "short")]
    [TestCase("longer", 5, "long…")]
    [TestCase("映画は", 6, "映画は")]
    [TestCase("映画は", 5, "映画…")]
    [TestCase("映画は", 4, "映…")]
    [TestCase("ab🐱c", 4, "ab…")]
    [TestCase("e\u0301e\u0301e\u0301", 2, "e\u0301…")]
    public void LinesAreCutToTheirCells(string text, int cells, string expected) =>
        Assert.That(CellText.Cut(text, cells), Is.EqualTo(expected));

    [TestCase(40)]
    [TestCase(80)]
    public void ATerminalCutsTheLastColumnToItsWidth(int width)
    {
        StringWriter output = new();
        IAnsiConsole spectre = AnsiConsole.Create(
            new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        spectre.Profile.Width = width;
        ToolTable table = new("Rank", "Text") { CutsLastColumn = true };
        table.Add("1", string.Concat(Enumerable.Repeat("the film 映画 ", 40)));
        table.Add("2", "short");
        new TerminalConsole(spectre).Table(table);
        string[] lines = output.ToString().Split(output.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(6), output.ToString());
        Assert.That(lines.Select(CellText.Width), Is.All.InRange(width - 1, width));
        Assert.That(lines[3], Does.Contain("…"));
    }

    [Test]
    public void WideCharactersKeepPlainColumnsAligned()
    {
        StringWriter output = new();
        ToolTable table = new("Text", "N");
        table.Add("映画", "1");
        new PlainConsole(output, TimeProvider.System).Table(table);
        Assert.That(output.ToString().ReplaceLineEndings("\n"), Is.EqualTo("Text  N\n映画  1\n"));
    }

    [TestCase(9.94, "9.9 s")]
    [TestCase(42, "42 s")]
    [TestCase(185, "3 min 05 s")]
    [TestCase(7620, "2 h 07 min")]
    public void TimesAreReadable(double seconds, string expected) =>
        Assert.That(Rate.Text(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
