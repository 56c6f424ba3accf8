namespace TrakFast.Datasets;

/// <summary>
/// Makes of a SentencePiece model the tokenizer that Hugging Face's converters make of it for the class that
/// tokenizer_config.json names; without a class, the model stays what it is.
/// </summary>
/// <param name="file">The model.</param>
/// <param name="config">What is beside it.</param>
internal sealed class SentencePieceConverter(SentencePieceFile file, TokenizerConfig config)
{
    private const int Mark = 0x2581;
    private const int UsualExtraIds = 100;

    /// <summary>Reads a model.</summary>
    /// <exception cref="InputException">It is none, or of a class that is not known.</exception>
    public static TokenizerParts Read(byte[] bytes, TokenizerConfig config)
    {
        SentencePieceFile file = SentencePieceFile.Read(bytes);
        return new SentencePieceConverter(file, config).Convert();
    }

    private TokenizerParts Convert()
    {
        switch (config.Class)
        {
            case null:
                return new TokenizerParts(new SentencePieceSource(file), null)
                {
                    Note = "numbers are SentencePiece's own, as no tokenizer_config.json is beside it",
                    PadToken = config.Token("pad_token"),
                };
            case "T5Tokenizer": return T5();
            case "LlamaTokenizer": return Llama();
            case "XLMRobertaTokenizer":
                return Make(
                    Fairseq([("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0)], 3), 3, Usual(), Words(), ["<s>", "$A", "</s>"],
                    ["<s>", "$A", "</s>", "</s>", "$B", "</s>"], "<pad>", ["<s>", "</s>", "<unk>", "<pad>", "<mask>"]);
            case "CamembertTokenizer":
                return Make(
                    Fairseq([("<s>NOTUSED", 0), ("<pad>", 0), ("</s>NOTUSED", 0), ("<unk>", 0), ("<unk>NOTUSED", -100)], 1), 3, Usual(), Words(),
                    ["<s>", "$A", "</s>"], ["<s>", "$A", "</s>", "</s>", "$B", "</s>"], "<pad>", ["<s>", "</s>", "<unk>", "<pad>", "<mask>"]);
            case "AlbertTokenizer":
                return Make(
                    Scored(), file.UnknownId, Quoted(), Words(), ["[CLS]", "$A", "[SEP]"], ["[CLS]", "$A", "[SEP]", "$B:1", "[SEP]:1"],
                    "<pad>", ["[CLS]", "[SEP]", "<unk>", "<pad>", "[MASK]"]);
            case "XLNetTokenizer":
                return Make(
                    Scored(), file.UnknownId, Quoted(), Words(), ["$A", "<sep>", "<cls>:2"], ["$A", "<sep>", "$B:1", "<sep>:1", "<cls>:2"],
                    "<pad>", ["<s>", "</s>", "<unk>", "<sep>", "<pad>", "<cls>", "<mask>"]);
            case "BigBirdTokenizer":
                return Make(
                    Plain(), file.UnknownId, Usual(), Words(), ["[CLS]", "$A", "[SEP]"], ["[CLS]", "$A", "[SEP]", "$B:1", "[SEP]:1"], "<pad>",
                    ["[CLS]", "[SEP]", "<unk>", "<pad>", "[MASK]"]);
            case "DebertaV2Tokenizer":
                return Make(
                    Plain(), file.UnknownId, Deberta(),
                    config.Truth("split_by_punct") ?? false
                        ? new PreTokenizerSequence(
                            [new PatternSplit(new CharacterPattern(Characters.IsPunctuation), SplitBehavior.Isolated), Words()])
                        : Words(),
                    ["[CLS]", "$A", "[SEP]"], ["[CLS]", "$A", "[SEP]", "$B:1", "[SEP]:1"], "[PAD]",
                    ["[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]"]);
            default:
                throw new InputException(
                    $"its tokenizer_class, {TokenizerText.Quote(config.Class)}, is not known for SentencePiece models; tokenizer.json, as save_pretrained of a fast "
                    + "tokenizer writes it, is.");
        }
    }

    private TokenizerParts T5()
    {
        int extra = config.ExtraIds ?? UsualExtraIds;
        if (extra > 10_000) throw new InputException($"extra_ids is {extra}, more than 10000.");
        string[] extras = [.. Enumerable.Range(0, extra).Select(i => $"<extra_id_{extra - 1 - i}>")];
        return Make(
            [.. Plain(), .. extras.Select(static e => (e, 0.0))], file.UnknownId, Usual(), Words(), ["$A", "</s>"], ["$A", "</s>", "$B", "</s>"],
            "<pad>", ["</s>", "<unk>", "<pad>", .. extras]);
    }

    private TokenizerParts Llama()
    {
        bool prefixSpace = config.Truth("add_prefix_space") ?? true, legacy = config.Truth("legacy") ?? true;
        TextNormalizer? normalizer = null;
        PreTokenizer? words = null;
        if (legacy)
        {
            ReplaceNormalizer spaces = new(new StringPattern(" "), "\u2581");
            normalizer = prefixSpace ? new NormalizerSequence([new PrependNormalizer("\u2581"), spaces]) : spaces;
        }
        else
        {
            words = new MetaspaceSplit(Mark, prefixSpace ? PrependScheme.First : PrependScheme.Never, split: false);
        }

        List<(string, double)> pieces = [.. Plain()];
        string bos = config.Token("bos_token") ?? "<s>", eos = config.Token("eos_token") ?? "</s>", unknown = config.Token("unk_token") ?? "<unk>";
        List<string> before = config.Truth("add_bos_token") ?? true ? [bos] : [], after = config.Truth("add_eos_token") ?? false ? [eos] : [];
        List<TokenDecoder> decoders = [new ReplaceDecoder(new StringPattern("\u2581"), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        if (prefixSpace) decoders.Add(new StripDecoder(" ", 1, 0));
        return Make(
            pieces, 0, normalizer, words, [.. before, "$A", .. after],
            [.. before, "$A", .. after, .. before.Select(static t => t + ":1"), "$B:1", .. after.Select(static t => t + ":1")],
            config.Token("pad_token"), [bos, eos, unknown], new DecoderSequence(decoders), byteFallback: true);
    }

    private IEnumerable<(string, double)> Plain() => file.Pieces.Select(static p => (p.Text, (double)p.Score));

    // Numbers with a comma behind are kept from being pieces.
    private IEnumerable<(string, double)> Scored() => file.Pieces.Select(static p =>
        (p.Text, p.Text.Length >= 2 && p.Text[^1] == ',' && char.IsDigit(p.Text[^2]) ? p.Score - 100.0 : p.Score));

    private IEnumerable<(string, double)> Fairseq((string, double)[] first, int skipped) =>
        [.. first, .. Plain().Skip(skipped), ("<mask>", 0)];

    private TextNormalizer[] Rules() => file.Rules.Length > 0 ? [new PrecompiledNormalizer(CharacterMap.Read(file.Rules))] : [];

    private NormalizerSequence Usual() => new(
        [.. Rules(), new StripNormalizer(left: false, right: true), new ReplaceNormalizer(new RegexPattern(" {2,}"), "\u2581")]);

    private NormalizerSequence Quoted()
    {
        List<TextNormalizer> list =
            [new ReplaceNormalizer(new StringPattern("``"), "\""), new ReplaceNormalizer(new StringPattern("''"), "\"")];
        if (!(config.Truth("keep_accents") ?? false))
            list.AddRange([new UnicodeForm(compatible: true, compose: false), CharacterFilter.StripAccents]);
        if (config.Truth("do_lower_case") ?? config.Class == "AlbertTokenizer") list.Add(new LowercaseNormalizer());
        return new NormalizerSequence([.. list, .. Rules(), new ReplaceNormalizer(new RegexPattern(" {2,}"), " ")]);
    }

    private NormalizerSequence Deberta()
    {
        List<TextNormalizer> list = config.Truth("do_lower_case") ?? false ? [new LowercaseNormalizer()] : [];
        return new NormalizerSequence(
            [.. list, new StripNormalizer(left: true, right: true), .. Rules(), new ReplaceNormalizer(new RegexPattern(" {2,}"), " ")]);
    }

    private PrependScheme Scheme() => !(config.Truth("add_prefix_space") ?? true) ? PrependScheme.Never
        : config.Truth("legacy") ?? true ? PrependScheme.Always : PrependScheme.First;

    private MetaspaceSplit Words() => new(Mark, Scheme(), split: true);

    private TokenizerParts Make(
        IEnumerable<(string Text, double Score)> pieces, int unknown, TextNormalizer? normalizer, PreTokenizer? words, string[] single,
        string[] pair, string? pad, string[] special, TokenDecoder? decoder = null, bool byteFallback = false)
    {
        List<(string Text, double Score)> list = [.. pieces];
        TokenModel model;
        if (file.ModelType == 1)
        {
            if (unknown >= list.Count) throw new InputException($"it has {list.Count} pieces, too few for {config.Class}.");
            model = new UnigramModel(list, unknown, byteFallback);
        }
        else if (file.ModelType == 2)
        {
            Vocabulary vocabulary = new(list.Select(static (p, i) => (p.Text, i)));
            BpeOptions options = new(
                file.Pieces[file.UnknownId].Text, FuseUnknown: true, Prefix: null, Suffix: null, byteFallback, IgnoreMerges: false);
            model = new BpeModel(vocabulary, new BpeMerges(vocabulary, SentencePieceMerges.Find(list, vocabulary), null), options);
        }
        else
        {
            throw new InputException($"its model_type is {file.ModelType}; UNIGRAM and BPE are supported.");
        }

        string mask = special.FirstOrDefault(static t => t is "<mask>" or "[MASK]") ?? "";
        AddedTokens added = new(
            config.Added
                .Concat(file.Pieces.Where(static p => p.Kind is PieceKind.Control or PieceKind.UserDefined)
                    .Select(static p => new AddedToken(p.Text, p.Kind == PieceKind.Control, Normalized: false)))
                .Concat(special.Select(t => new AddedToken(t, Special: true, Normalized: false, StripLeft: t == mask)))
                .DistinctBy(static t => t.Content),
            model.Vocabulary, normalizer);
        decoder ??= new MetaspaceDecoder(Mark, Scheme() != PrependScheme.Never);
        TokenizerPipeline source = new(model, normalizer, words, decoder, added);
        TemplateProcessor around = new(Template(single, source), Template(pair, source));
        return new TokenizerParts(source, around) { PadToken = config.Token("pad_token") ?? pad };
    }

    private static List<TemplatePart> Template(string[] parts, TokenizerPipeline source)
    {
        List<TemplatePart> result = [];
        foreach (string part in parts)
        {
            int type = part.EndsWith(":1", StringComparison.Ordinal) ? 1 : part.EndsWith(":2", StringComparison.Ordinal) ? 2 : 0;
            string name = type > 0 ? part[..^2] : part;
            if (name is "$A" or "$B") result.Add(new TemplatePart(name == "$A" ? 0 : 1, [], type));
            else if (source.IdOf(name) is { } id) result.Add(new TemplatePart(-1, [id], type));
            else throw new InputException($"it has no piece {TokenizerText.Quote(name)}, which goes around texts.");
        }

        return result;
    }
}
