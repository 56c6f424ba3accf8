namespace TrakFast.Datasets;

/// <summary>A token of an encoded text.</summary>
/// <param name="Id">Its number.</param>
/// <param name="TypeId">Number of the sequence that it belongs to, as the model wants it.</param>
/// <param name="Special">Whether it was added around the text rather than found in it.</param>
/// <param name="Start">The first code point of the text that it stands for.</param>
/// <param name="End">The code point after the last.</param>
/// <param name="Text">Number of the text: 0 for the first, 1 for the second.</param>
/// <param name="Leading">Number of spaces that an added token took before it; −1 for a token of the model.</param>
/// <param name="Trailing">Number of spaces that an added token took behind it.</param>
internal readonly record struct EncodedToken(
    int Id, int TypeId, bool Special, int Start, int End, int Text = 0, int Leading = -1, int Trailing = 0);
