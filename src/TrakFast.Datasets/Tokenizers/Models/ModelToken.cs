namespace TrakFast.Datasets;

/// <summary>A token of a word.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Start">The first character that it stands for.</param>
/// <param name="End">The character after the last.</param>
internal readonly record struct ModelToken(int Id, int Start, int End);
