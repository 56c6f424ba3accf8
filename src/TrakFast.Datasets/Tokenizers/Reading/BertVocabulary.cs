namespace TrakFast.Datasets;

/// <summary>Reads a vocab.txt of BERT's kind: a token a line.</summary>
internal static class BertVocabulary
{
    /// <summary>Reads a vocabulary.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="config">What is beside it.</param>
    /// <exception cref="InputException">It lacks a token that goes around texts.</exception>
    public static TokenizerParts Read(byte[] bytes, TokenizerConfig config)
    {
        Vocabulary vocabulary = new(TokenizerFile.Lines(bytes).Select(static (line, i) => (line, i)));
        string unknown = config.Token("unk_token") ?? "[UNK]", sep = config.Token("sep_token") ?? "[SEP]";
        string cls = config.Token("cls_token") ?? "[CLS]", pad = config.Token("pad_token") ?? "[PAD]";
        string mask = config.Token("mask_token") ?? "[MASK]";
        string? note = null;
        if (config.Truth("do_lower_case") is not { } lower)
        {
            lower = !vocabulary.Tokens.Any(static t => !t.Key.StartsWith('[') && t.Key.Any(static c => c is >= 'A' and <= 'Z'));
            note = lower
                ? "texts are lower-cased, as no token has a capital letter"
                : "texts keep their capital letters, as tokens have some";
        }

        BertNormalizer normalizer = new(
            clean: true, config.Truth("tokenize_chinese_chars") ?? true, config.Truth("strip_accents"), lower);
        AddedTokens added = new(
            config.Added.Concat(((string[])[unknown, sep, pad, cls, mask]).Where(t => vocabulary.IdOf(t) is not null)
                .Select(static t => new AddedToken(t, Special: true, Normalized: false))).DistinctBy(static t => t.Content),
            vocabulary, normalizer);
        TokenizerPipeline source = new(
            new WordPieceModel(vocabulary, unknown, "##", 100), normalizer, new BertSplit(), new WordPieceDecoder("##", cleanup: true), added);
        TemplatePart first = new(-1, [Id(cls)], 0), a = new(0, [], 0), end = new(-1, [Id(sep)], 0);
        TemplateProcessor template = new([first, a, end], [first, a, end, new(1, [], 1), end with { TypeId = 1 }]);
        return new TokenizerParts(source, template) { PadToken = pad, Note = note };

        int Id(string token) => source.IdOf(token) ?? throw new InputException(
            $"it has no line {TokenizerText.Quote(token)}, the token that goes around texts.");
    }
}
