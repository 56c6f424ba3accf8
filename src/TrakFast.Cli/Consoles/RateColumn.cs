using Spectre.Console;
using Spectre.Console.Rendering;

namespace TrakFast.Cli.Consoles;

/// <summary>The progress bar's column that says how many units are done a second.</summary>
internal sealed class RateColumn : ProgressColumn
{
    private readonly string _unit;

    /// <summary>Counts units of that name.</summary>
    public RateColumn(string unit) => _unit = unit;

    /// <inheritdoc/>
    protected override bool NoWrap => true;

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        Rate rate = new((long)task.Value, (long)task.MaxValue, task.ElapsedTime ?? TimeSpan.Zero);
        return new Text($"{rate.Text()} {_unit}/s");
    }
}
