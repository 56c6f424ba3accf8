namespace TrakFast.Datasets;

/// <summary>A window of a long text.</summary>
/// <param name="Ids">Its tokens, without special ones.</param>
/// <param name="Text">The same as text.</param>
public sealed record TextChunk(IReadOnlyList<int> Ids, string Text);
