namespace TrakFast.Datasets;

/// <summary>A tokenizer in Hugging Face's parts: added tokens, normalizer, pre-tokenizer, model, decoder.</summary>
internal sealed class TokenizerPipeline(
    TokenModel model, TextNormalizer? normalizer, PreTokenizer? preTokenizer, TokenDecoder? decoder, AddedTokens added) : ITokenSource
{
    /// <inheritdoc/>
    public string Description => $"{model.Kind} with {VocabularySize} tokens";

    /// <inheritdoc/>
    public int VocabularySize { get; } =
        model.Vocabulary.Tokens.Concat(added.Ids).Select(static t => t.Value).DefaultIfEmpty(-1).Max() + 1;

    /// <inheritdoc/>
    public bool CountsCodePoints => true;

    /// <inheritdoc/>
    public List<EncodedToken> Encode(string text, int? enough = null, TextSide side = TextSide.Right)
    {
        List<TextPiece> pieces = [];
        foreach (TextPiece piece in added.SplitPlain(AlignedText.Of(text)))
        {
            if (piece.Token >= 0)
            {
                pieces.Add(piece);
                continue;
            }

            AlignedText part = piece.Length == piece.Text.Length ? piece.Text : piece.Text.Slice(piece.Start, piece.Length);
            pieces.AddRange(added.SplitNormalized(normalizer is null ? part : normalizer.Apply(part)));
        }

        if (preTokenizer is not null) pieces = preTokenizer.Apply(pieces);
        return side == TextSide.Left ? FromEnd(pieces, enough) : FromBeginning(pieces, enough);
    }

    private List<EncodedToken> FromBeginning(List<TextPiece> pieces, int? enough)
    {
        List<EncodedToken> result = new(pieces.Count * 2);
        List<ModelToken> tokens = [];
        foreach (TextPiece piece in pieces)
        {
            Add(piece, tokens, result);
            if (piece.Token < 0 && result.Count >= enough) break;
        }

        return result;
    }

    /// <inheritdoc/>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecial)
    {
        List<string> tokens = [.. ids.Select(TextOf).OfType<string>().Where(t => !skipSpecial || !added.IsSpecial(t))];
        return decoder is null ? string.Join(' ', tokens) : string.Concat(decoder.Apply(tokens));
    }

    /// <inheritdoc/>
    public string? TextOf(int id) => added.TextOf(id) ?? (model.Vocabulary.TryGetText(id, out string? text) ? text : null);

    /// <inheritdoc/>
    public int? IdOf(string token) => added.IdOf(token) ?? model.Vocabulary.IdOf(token);

    private List<EncodedToken> FromEnd(List<TextPiece> pieces, int? enough)
    {
        List<List<EncodedToken>> parts = [];
        List<ModelToken> tokens = [];
        int count = 0;
        for (int i = pieces.Count - 1; i >= 0; i--)
        {
            List<EncodedToken> part = [];
            Add(pieces[i], tokens, part);
            parts.Add(part);
            count += part.Count;
            if (pieces[i].Token < 0 && count >= enough) break;
        }

        parts.Reverse();
        return [.. parts.SelectMany(static p => p)];
    }

    private void Add(TextPiece piece, List<ModelToken> tokens, List<EncodedToken> result)
    {
        if (piece.Token >= 0)
        {
            string text = piece.Chars.ToString();
            result.Add(Place(piece, new ModelToken(piece.Token, 0, piece.Length)) with
            {
                Leading = OffsetTrimmer.Leading(text),
                Trailing = OffsetTrimmer.Trailing(text),
            });
            return;
        }

        tokens.Clear();
        if (piece.Length > 0) model.Tokenize(piece.Chars, tokens);
        foreach (ModelToken token in tokens) result.Add(Place(piece, token));
    }

    private static EncodedToken Place(TextPiece piece, ModelToken token)
    {
        int first = piece.Start + token.Start, last = piece.Start + token.End - 1;
        int start = piece.Text.StartOf(Math.Min(first, piece.Text.Length - 1));
        return new EncodedToken(token.Id, 0, false, start, last < first ? start : piece.Text.EndOf(last));
    }
}
