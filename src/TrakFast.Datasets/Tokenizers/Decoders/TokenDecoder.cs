namespace TrakFast.Datasets;

/// <summary>Makes text of tokens' texts again.</summary>
internal abstract class TokenDecoder
{
    /// <summary>Rewrites the texts, which are joined at the end.</summary>
    public abstract List<string> Apply(List<string> tokens);
}
