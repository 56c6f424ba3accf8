using TrakFast.Cli.Consoles;
using TrakFast.Cli.Formatting;

namespace TrakFast.Cli.Runs;

/// <summary>A clock's phases as a table.</summary>
internal static class PhaseTable
{
    /// <summary>Seconds for each phase, and examples a second where they are counted.</summary>
    public static ToolTable ToTable(this PhaseClock clock)
    {
        ToolTable table = new("Phase", "Seconds", "Examples/s");
        foreach ((string name, double seconds, long examples) in clock.Phases)
            table.Add(
                name, seconds == 0 ? "already done" : NumberText.Seconds(seconds),
                examples == 0 || seconds <= 0 ? string.Empty : NumberText.Of((long)(examples / seconds)));
        table.Add("total", NumberText.Seconds(clock.Total), string.Empty);
        return table;
    }
}
