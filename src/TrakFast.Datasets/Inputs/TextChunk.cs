namespace TrakFast.Datasets;

/// <summary>A window of a long text.</summary>
/// <param name="Tokens">Its tokens, with what goes around texts.</param>
/// <param name="Text">The same as text.</param>
public sealed record TextChunk(TokenSequence Tokens, string Text);
