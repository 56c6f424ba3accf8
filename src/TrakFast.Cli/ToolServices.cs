using TrakFast.Cli.Consoles;
using TrakFast.Cli.Doctor;

namespace TrakFast.Cli;

/// <summary>What a command may use, handed in by whoever composes the tool: streams, the console and the parts at hand.</summary>
/// <param name="Console">Tables and progress.</param>
/// <param name="Output">Results.</param>
/// <param name="Error">One sentence when the work fails.</param>
/// <param name="FindComponents">Engines and kernel backends, active or not; looking for them takes a while.</param>
internal sealed record ToolServices(
    ToolConsole Console,
    TextWriter Output,
    TextWriter Error,
    Func<IReadOnlyList<Component>> FindComponents)
{
    /// <summary>The parts this build has on this machine.</summary>
    public static ToolServices Compose(ToolConsole console, TextWriter output, TextWriter error) =>
        new(console, output, error, ComponentProbe.Find);
}
