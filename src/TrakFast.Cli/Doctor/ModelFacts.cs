using TrakFast.Cli.Consoles;

namespace TrakFast.Cli.Doctor;

/// <summary>What <c>doctor --model</c> shows.</summary>
/// <param name="Summary">What the model takes, gives and needs.</param>
/// <param name="Lines">What is left out of its parameters, and why.</param>
/// <param name="Arrays">Each array that a gradient reaches; null where nobody asked.</param>
internal sealed record ModelFacts(ToolTable Summary, IReadOnlyList<string> Lines, ToolTable? Arrays);
