namespace TrakFast.Datasets;

/// <summary>The tokens of a text or a pair of texts.</summary>
public sealed class TokenSequence
{
    private readonly List<EncodedToken> _tokens;
    private readonly int _before;
    private readonly int _after;

    internal TokenSequence(List<EncodedToken> tokens, int before = 0, int after = 0)
    {
        _tokens = tokens;
        _before = before;
        _after = after;
        Ids = [.. tokens.Select(static t => t.Id)];
        TypeIds = [.. tokens.Select(static t => t.TypeId)];
        SpecialTokens = [.. tokens.Select(static t => t.Special)];
        Places = [.. tokens.Select(static t => (t.Start, t.End))];
    }

    /// <summary>Number of tokens, padding included.</summary>
    public int Length => _tokens.Count;

    /// <summary>Numbers of the tokens.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>To which text each belongs, as the model wants it.</summary>
    public IReadOnlyList<int> TypeIds { get; }

    /// <summary>Whether each was put around or behind the texts rather than found in them.</summary>
    public IReadOnlyList<bool> SpecialTokens { get; }

    /// <summary>
    /// The part of its text that each stands for: the first UTF-16 character and the one after the last; (0, 0) for tokens
    /// that were added.
    /// </summary>
    public IReadOnlyList<(int Start, int End)> Places { get; }

    /// <summary>1 for each token, 0 for padding.</summary>
    public IReadOnlyList<int> AttentionMask => [.. Enumerable.Range(0, Length).Select(i => IsPadding(i) ? 0 : 1)];

    /// <summary>Whether a token is padding.</summary>
    /// <param name="index">Its place in the sequence.</param>
    public bool IsPadding(int index) => index < _before || index >= Length - _after;

    internal TokenSequence Pad(int length, EncodedToken padding, TextSide side)
    {
        if (Length >= length) return this;
        EncodedToken[] filling = [.. Enumerable.Repeat(padding, length - Length)];
        return side == TextSide.Left
            ? new TokenSequence([.. filling, .. _tokens], filling.Length)
            : new TokenSequence([.. _tokens, .. filling], 0, filling.Length);
    }
}
