namespace TrakFast.Datasets;

/// <summary>What texts are split at or what is replaced in them.</summary>
internal abstract class TextPattern
{
    /// <summary>The whole text in matches and what lies between, in order.</summary>
    public abstract List<TextMatch> Find(ReadOnlySpan<char> text);
}
