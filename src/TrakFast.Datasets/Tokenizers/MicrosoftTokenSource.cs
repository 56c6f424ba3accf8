using Microsoft.ML.Tokenizers;

namespace TrakFast.Datasets;

/// <summary>A tokenizer of Microsoft.ML.Tokenizers.</summary>
internal sealed class MicrosoftTokenSource(Tokenizer tokenizer, int vocabularySize) : ITokenSource
{
    /// <inheritdoc/>
    public string Description => tokenizer.GetType().Name;

    /// <inheritdoc/>
    public int VocabularySize => vocabularySize;

    /// <inheritdoc/>
    public bool CountsCodePoints => false;

    /// <inheritdoc/>
    public List<EncodedToken> Encode(string text, int? enough = null, TextSide side = TextSide.Right) =>
        [.. Tokens(text).Select(static t => new EncodedToken(t.Id, 0, false, t.Offset.Start.Value, t.Offset.End.Value))];

    /// <inheritdoc/>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecial)
    {
        try
        {
            return tokenizer.Decode(ids) ?? "";
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InputException($"{Description} cannot decode {ids.Count} tokens: {TokenizerText.Reason(error)}.", error);
        }
    }

    /// <inheritdoc/>
    public string? TextOf(int id) => Decode([id], skipSpecial: false) is { Length: > 0 } text ? text : null;

    /// <inheritdoc/>
    public int? IdOf(string token) => Tokens(token) is [var only] ? only.Id : null;

    private IReadOnlyList<Microsoft.ML.Tokenizers.EncodedToken> Tokens(string text)
    {
        try
        {
            return tokenizer.EncodeToTokens(text, out _);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InputException($"{Description} cannot encode {TokenizerText.Quote(text)}: {TokenizerText.Reason(error)}.", error);
        }
    }
}
