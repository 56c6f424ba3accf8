namespace TrakFast.Cli.Doctor;

/// <summary>An engine or a kernel backend, and whether this process can use it.</summary>
/// <param name="Kind">"engine" or "kernel backend".</param>
/// <param name="Name">Its name.</param>
/// <param name="IsActive">Whether it can be used.</param>
/// <param name="Detail">What it gives when active; otherwise why it is not.</param>
internal sealed record Component(string Kind, string Name, bool IsActive, string Detail);
