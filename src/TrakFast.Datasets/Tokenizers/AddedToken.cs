namespace TrakFast.Datasets;

/// <summary>A token that is looked for in texts before they are divided.</summary>
/// <param name="Content">Its text.</param>
/// <param name="Special">Whether it is left out of decoded text.</param>
/// <param name="Normalized">Whether it is looked for in the normal form of texts.</param>
/// <param name="StripLeft">Whether it takes the white space before it.</param>
/// <param name="StripRight">Whether it takes the white space after it.</param>
/// <param name="SingleWord">Whether it counts only where it is no part of a word.</param>
internal sealed record AddedToken(
    string Content, bool Special, bool Normalized, bool StripLeft = false, bool StripRight = false, bool SingleWord = false);
