using TrakFast.Cli.Consoles;
using TrakFast.Cli.Doctor;
using TrakFast.Cli.Engines;

namespace TrakFast.Cli.Commands;

/// <summary>What a command may use, handed in by whoever composes the tool: its name, streams, the console and the parts at hand.</summary>
/// <param name="Name">What the tool is called on a command line.</param>
/// <param name="Console">Tables and progress.</param>
/// <param name="Output">Results.</param>
/// <param name="Error">One sentence when the work fails.</param>
/// <param name="Torch">torch's engine; null in a tool without it.</param>
/// <param name="FindComponents">Engines and kernel backends, active or not; looking for them takes a while.</param>
internal sealed record ToolServices(
    string Name,
    ToolConsole Console,
    TextWriter Output,
    TextWriter Error,
    ITorchEngine? Torch,
    Func<IReadOnlyList<Component>> FindComponents)
{
    /// <summary>The parts this build has on this machine.</summary>
    public static ToolServices Compose(ITorchEngine? torch, ToolConsole console, TextWriter output, TextWriter error) =>
        new(torch is null ? "trakfast" : "trakfast-torch", console, output, error, torch, () => ComponentProbe.Find(torch));
}
