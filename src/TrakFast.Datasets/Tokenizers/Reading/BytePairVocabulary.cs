namespace TrakFast.Datasets;

/// <summary>Reads vocab.json with merges.txt: GPT-2, RoBERTa, DeBERTa, Qwen2 and CLIP.</summary>
internal static class BytePairVocabulary
{
    private const string QwenWords = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string ClipWords = @"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

    /// <summary>Reads a vocabulary and its merges.</summary>
    /// <param name="file">vocab.json.</param>
    /// <param name="mergeBytes">merges.txt.</param>
    /// <param name="config">What is beside them.</param>
    /// <exception cref="InputException">They do not fit, or the tokenizer's class is not known.</exception>
    public static TokenizerParts Read(JsonPart file, byte[] mergeBytes, TokenizerConfig config)
    {
        Vocabulary vocabulary = new(file.Properties().Select(static p => (p.Key, p.Value.Number())));
        List<(string, string)> pairs = [];
        foreach (string line in TokenizerFile.Lines(mergeBytes))
        {
            if (line.Length == 0 || line.StartsWith("#version", StringComparison.Ordinal)) continue;
            pairs.Add(ModelReader.Merge(line, pairs.Count + 1));
        }

        BpeMerges merges = new(vocabulary, pairs, prefix: null);
        Kind kind = KindOf(vocabulary, config, out string? note);
        string end = kind == Kind.Deberta ? "[SEP]" : kind == Kind.Roberta ? "</s>" : "<|endoftext|>";
        string begin = kind switch { Kind.Deberta => "[CLS]", Kind.Roberta => "<s>", Kind.Clip => "<|startoftext|>", _ => end };
        string cls = config.Token("cls_token") ?? config.Token("bos_token") ?? begin;
        string sep = config.Token("sep_token") ?? config.Token("eos_token") ?? end;
        string? pad = config.Token("pad_token") ?? kind switch
        {
            Kind.Deberta => "[PAD]",
            Kind.Roberta => "<pad>",
            Kind.Clip or Kind.Qwen => end,
            _ => null,
        };
        string? unknown = config.Token("unk_token") ?? kind switch
        {
            Kind.Deberta => "[UNK]",
            Kind.Roberta => "<unk>",
            Kind.Clip => end,
            _ => null,
        };
        string mask = config.Token("mask_token") ?? (kind == Kind.Deberta ? "[MASK]" : "<mask>");
        TextNormalizer? normalizer = kind switch
        {
            Kind.Qwen => new UnicodeForm(compatible: false, compose: true),
            Kind.Clip => new NormalizerSequence(
                [new UnicodeForm(compatible: false, compose: true), new ReplaceNormalizer(new RegexPattern(@"\s+"), " "), new LowercaseNormalizer()]),
            _ => null,
        };
        bool prefixSpace = config.Truth("add_prefix_space") ?? false;
        BpeOptions options = new(
            kind == Kind.Clip ? unknown : null, FuseUnknown: false, Prefix: null, kind == Kind.Clip ? "</w>" : null, ByteFallback: false,
            IgnoreMerges: false);
        string?[] special = [cls, sep, pad, unknown, mask];
        AddedTokens added = new(
            config.Added.Concat(special.OfType<string>().Where(t => vocabulary.IdOf(t) is not null)
                .Select(t => new AddedToken(t, Special: true, Normalized: false, StripLeft: t == mask))).DistinctBy(static t => t.Content),
            vocabulary, normalizer);
        TokenizerPipeline source = new(
            new BpeModel(vocabulary, merges, options), normalizer, Words(kind, prefixSpace), new ByteLevelDecoder(), added);
        return new TokenizerParts(source, Around(kind, source, cls, sep, prefixSpace, config)) { PadToken = pad, Note = note };
    }

    private enum Kind
    {
        Gpt2,
        Roberta,
        Deberta,
        Qwen,
        Clip,
    }

    private static PreTokenizer Words(Kind kind, bool prefixSpace) => kind switch
    {
        Kind.Qwen => new PreTokenizerSequence(
            [new PatternSplit(new RegexPattern(QwenWords), SplitBehavior.Isolated), new ByteLevelSplit(prefixSpace, split: false)]),
        Kind.Clip => new PreTokenizerSequence(
            [
                new PatternSplit(new RegexPattern(ClipWords), SplitBehavior.Removed, invert: true),
                new ByteLevelSplit(prefixSpace: false, split: true),
            ]),
        _ => new ByteLevelSplit(prefixSpace, split: true),
    };

    private static PostProcessor? Around(
        Kind kind, TokenizerPipeline source, string cls, string sep, bool prefixSpace, TokenizerConfig config)
    {
        switch (kind)
        {
            case Kind.Roberta:
                return new RobertaProcessor(Id(sep), Id(cls), new OffsetTrimmer(id => source.TextOf(id) ?? "", prefixSpace));
            case Kind.Clip: return new RobertaProcessor(Id(sep), Id(cls), trim: null);
            case Kind.Deberta:
                TemplatePart first = new(-1, [Id(cls)], 0), a = new(0, [], 0), end = new(-1, [Id(sep)], 0);
                return new TemplateProcessor([first, a, end], [first, a, end, new(1, [], 1), end with { TypeId = 1 }]);
            case Kind.Gpt2 when config.Truth("add_bos_token") ?? false:
                TemplatePart begin = new(-1, [Id(config.Token("bos_token") ?? cls)], 0), text = new(0, [], 0);
                return new TemplateProcessor([begin, text], [begin, text, new(1, [], 1)]);
            default: return null;
        }

        int Id(string token) => source.IdOf(token) ?? throw new InputException(
            $"it has no token {TokenizerText.Quote(token)}, which goes around texts.");
    }

    private static Kind KindOf(Vocabulary vocabulary, TokenizerConfig config, out string? note)
    {
        note = null;
        switch (config.Class)
        {
            case "RobertaTokenizer" or "BartTokenizer" or "LongformerTokenizer" or "LEDTokenizer" or "MvpTokenizer": return Kind.Roberta;
            case "GPT2Tokenizer" or "CodeGenTokenizer": return Kind.Gpt2;
            case "DebertaTokenizer": return Kind.Deberta;
            case "Qwen2Tokenizer": return Kind.Qwen;
            case "CLIPTokenizer": return Kind.Clip;
            case null: break;
            default:
                throw new InputException(
                    $"its tokenizer_class, {TokenizerText.Quote(config.Class)}, is not known here; tokenizer.json, as save_pretrained of a fast tokenizer writes it, is.");
        }

        Kind kind = vocabulary.IdOf("<|startoftext|>") is not null ? Kind.Clip
            : vocabulary.IdOf("<s>") is not null && vocabulary.IdOf("</s>") is not null ? Kind.Roberta : Kind.Gpt2;
        note = $"taken for {kind switch { Kind.Clip => "CLIP's", Kind.Roberta => "RoBERTa's", _ => "GPT-2's" }} by its special tokens";
        return kind;
    }
}
