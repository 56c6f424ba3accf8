namespace TrakFast.Cli.Consoles;

/// <summary>Work was stopped, and something is kept of it.</summary>
/// <param name="message">What is kept, and how to go on.</param>
/// <param name="cause">What stopped it.</param>
internal sealed class StoppedException(string message, Exception cause) : OperationCanceledException(message, cause);
