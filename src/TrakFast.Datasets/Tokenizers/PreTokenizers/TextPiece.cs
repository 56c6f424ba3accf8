namespace TrakFast.Datasets;

/// <summary>A part of a text that is a word to the model, or an added token.</summary>
/// <param name="Text">What it is a part of.</param>
/// <param name="Start">Its first character.</param>
/// <param name="Length">Its number of characters.</param>
/// <param name="Token">The added token that it is, −1 for a part that the model is to see.</param>
internal readonly record struct TextPiece(AlignedText Text, int Start, int Length, int Token = -1)
{
    /// <summary>The characters.</summary>
    public ReadOnlySpan<char> Chars => Text.Chars.Slice(Start, Length);
}
