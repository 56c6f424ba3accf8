namespace TrakFast.Datasets;

/// <summary>A part of a text that a pattern matches, or that lies between matches.</summary>
/// <param name="Start">Its first character.</param>
/// <param name="End">The character after its last.</param>
/// <param name="IsMatch">Whether the pattern matches it.</param>
internal readonly record struct TextMatch(int Start, int End, bool IsMatch);
