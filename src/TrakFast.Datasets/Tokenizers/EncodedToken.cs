namespace TrakFast.Datasets;

/// <summary>A token of an encoded text.</summary>
/// <param name="Id">Its number.</param>
/// <param name="TypeId">Number of the sequence that it belongs to, as the model wants it.</param>
/// <param name="Special">Whether it was added around the text rather than found in it.</param>
/// <param name="Start">The first character of the text that it stands for, in UTF-16 units.</param>
/// <param name="End">The character after the last.</param>
internal readonly record struct EncodedToken(int Id, int TypeId, bool Special, int Start, int End);
