namespace TrakFast.Cli.Examples;

/// <summary>An array of the examples that a reader sees.</summary>
/// <param name="Name">Its name.</param>
internal abstract record ShownArray(string Name);

/// <summary>An array shown as a picture, or by its values where it has not the shape of one.</summary>
/// <param name="Name">Its name.</param>
internal sealed record ShownValues(string Name) : ShownArray(Name);

/// <summary>An array of token ids [n, T], shown as text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mask">Name of the array [n, T] that is 0 where a position is padding, or null.</param>
internal sealed record ShownTokens(string Name, string? Mask) : ShownArray(Name);
