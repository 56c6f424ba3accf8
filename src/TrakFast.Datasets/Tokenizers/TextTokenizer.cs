using Microsoft.ML.Tokenizers;

namespace TrakFast.Datasets;

/// <summary>
/// Makes sequences of tokens of texts, with the numbers that Hugging Face's tokenizers give. Any number of threads may use
/// one at once.
/// </summary>
public sealed class TextTokenizer
{
    private readonly ITokenSource _source;
    private readonly PostProcessor? _processor;
    private readonly int _padTypeId;

    private TextTokenizer(TokenizerParts parts, string name)
    {
        _source = parts.Source;
        _processor = parts.PostProcessor;
        _padTypeId = parts.PadTypeId;
        PadToken = parts.PadToken;
        PadId = parts.PadId ?? (parts.PadToken is { } pad ? parts.Source.IdOf(pad) : null);
        ModelMaxLength = parts.ModelMaxLength;
        Options = parts.Options;
        Description = $"{name}: {_source.Description}{(parts.Note is null ? "" : $"; {parts.Note}")}";
    }

    /// <summary>What was read and, where the files leave it open, how it was understood.</summary>
    public string Description { get; }

    /// <summary>What tells this tokenizer from others: 16 hex digits of a SHA-256 over the files that it was read from.</summary>
    public string Fingerprint { get; private init; } = string.Empty;

    /// <summary>One more than the largest number of a token.</summary>
    public int VocabularySize => _source.VocabularySize;

    /// <summary>The token that fills sequences up; null where the files name none.</summary>
    public string? PadToken { get; }

    /// <summary>Its number.</summary>
    public int? PadId { get; }

    /// <summary>Number of tokens that the model takes at most, where the files say it.</summary>
    public int? ModelMaxLength { get; }

    /// <summary>How the files truncate and pad; what calls do that give no options.</summary>
    public TokenizeOptions Options { get; }

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="path">
    /// A tokenizer.json, a vocab.txt of BERT's kind, a vocab.json with merges.txt beside it, a .model of SentencePiece, or a
    /// folder that holds one of them. tokenizer_config.json and special_tokens_map.json beside it are read too.
    /// </param>
    /// <exception cref="TrakException">The file cannot be read, is damaged, or has a part that is not supported.</exception>
    public static TextTokenizer Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TokenizerParts parts = TokenizerReader.Read(path, out string file);
        return new TextTokenizer(parts, file) { Fingerprint = TokenizerReader.Fingerprint(file) };
    }

    /// <summary>Takes a tokenizer of Microsoft.ML.Tokenizers.</summary>
    /// <param name="tokenizer">The tokenizer; what it adds around texts by itself stays.</param>
    /// <param name="around">What else goes around texts; nothing when null.</param>
    public static TextTokenizer From(Tokenizer tokenizer, AroundTexts? around = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        around ??= new AroundTexts();
        MicrosoftTokenSource source = new(tokenizer, around.VocabularySize);
        return new TextTokenizer(
            new TokenizerParts(source, around.Processor) { PadId = around.PadId, ModelMaxLength = around.ModelMaxLength },
            "Microsoft.ML.Tokenizers");
    }

    /// <summary>The tokens of a text or of a pair.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">A second text; null for none.</param>
    /// <param name="options">How; <see cref="Options"/> when null.</param>
    /// <exception cref="InputException">The lengths cannot be met, or the vocabulary lacks a part of the text.</exception>
    public TokenSequence Encode(string text, string? pair = null, TokenizeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= Options;
        TokenSequence sequence = Sequence(text, pair, options);
        return options.Padding == TextPadding.None ? sequence : Pad(sequence, PaddedLength(sequence.Length, options), options);
    }

    /// <summary>The tokens of several texts or pairs, as arrays.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="pairs">As many second texts; null for none.</param>
    /// <param name="options">How; <see cref="Options"/> when null, and then filled up to the longest where those fill up to nothing.</param>
    /// <exception cref="InputException">The sequences have several lengths and are not to be filled up, or as for a single text.</exception>
    public TokenBatch EncodeBatch(IReadOnlyList<string> texts, IReadOnlyList<string>? pairs = null, TokenizeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (pairs is not null && pairs.Count != texts.Count)
            throw new InputException($"{texts.Count} texts were given with {pairs.Count} second texts.");
        options ??= Options.Padding == TextPadding.None ? Options with { Padding = TextPadding.Longest } : Options;
        List<TokenSequence> sequences = [];
        for (int i = 0; i < texts.Count; i++) sequences.Add(Sequence(texts[i], pairs?[i], options));
        int longest = sequences.Select(static s => s.Length).DefaultIfEmpty(0).Max();
        int length = options.Padding == TextPadding.None ? longest : PaddedLength(longest, options);
        if (options.Padding != TextPadding.None)
            for (int i = 0; i < sequences.Count; i++) sequences[i] = Pad(sequences[i], length, options);
        if (sequences.Find(s => s.Length != length) is { } other)
            throw new InputException($"A batch has sequences of {other.Length} and of {length} tokens; they must be truncated, or filled up.");
        return new TokenBatch(sequences, length);
    }

    /// <summary>A long text as windows of tokens, each with what goes around texts.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">Number of tokens of a window at most, those around it included.</param>
    /// <param name="stride">Number of tokens that a window shares with the one before it.</param>
    /// <param name="addSpecialTokens">Whether anything goes around windows.</param>
    /// <exception cref="InputException">The windows have no room beyond what they share.</exception>
    public IReadOnlyList<TokenSequence> Chunk(string text, int maxLength, int stride = 0, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(stride);
        int room = Room(maxLength, pair: false, addSpecialTokens);
        if (room <= stride)
            throw new InputException($"Windows of {maxLength} tokens have room for {room} of the text, which must be more than the {stride} shared.");
        List<EncodedToken> tokens = _source.Encode(text);
        List<TokenSequence> windows = [];
        for (int start = 0; ; start += room - stride)
        {
            int end = Math.Min(start + room, tokens.Count);
            windows.Add(Join([tokens.GetRange(start, end - start)], [text], addSpecialTokens));
            if (end == tokens.Count) return windows;
        }
    }

    /// <summary>The text of tokens.</summary>
    /// <param name="ids">Numbers of tokens; those that are none are left out.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _source.Decode([.. ids], skipSpecialTokens);
    }

    /// <summary>A single token as people read it: spaces and bytes written out, or the number where it is no token.</summary>
    public string TokenText(int id)
    {
        if (_source.TextOf(id) is not { } raw) return $"#{id}";
        string text = _source.Decode([id], skipSpecial: false);
        bool continues = raw.StartsWith("##", StringComparison.Ordinal) && text == raw;
        return text.Length == 0 || text.Contains('\uFFFD', StringComparison.Ordinal) || continues ? raw : text;
    }

    /// <summary>The number of a token, given as the vocabulary has it; null where it is none.</summary>
    public int? TokenId(string token) => _source.IdOf(token);

    /// <summary>What <see cref="Description"/> says.</summary>
    public override string ToString() => Description;

    private TokenSequence Sequence(string text, string? pair, TokenizeOptions options)
    {
        // As the library does, which of two texts is the longer one is decided by no more tokens than can be wanted.
        int? enough = options.MaxLength;
        List<EncodedToken> first = _source.Encode(
            text, options.Truncation == TextTruncation.OnlySecond ? null : enough, options.TruncationSide);
        List<EncodedToken>? second = pair is null ? null : _source.Encode(pair, enough, options.TruncationSide);
        if (options.MaxLength is { } most)
        {
            int room = Room(most, second is not null, options.AddSpecialTokens);
            (first, second) = TokenTruncation.Apply(first, second, room, options);
        }

        return Join(second is null ? [first] : [first, second], [text, pair ?? ""], options.AddSpecialTokens);
    }

    private TokenSequence Join(List<List<EncodedToken>> sequences, string[] texts, bool addSpecial)
    {
        List<EncodedToken> tokens = PostProcessor.Join(_processor, sequences, addSpecial);
        return new TokenSequence(_source.CountsCodePoints ? TextPlaces.InCharacters(tokens, texts) : tokens);
    }

    private int Room(int most, bool pair, bool addSpecial)
    {
        int added = addSpecial ? _processor?.Added(pair) ?? 0 : 0;
        return most >= added
            ? most - added
            : throw new InputException($"A sequence of at most {most} tokens has no room for the {added} that go around texts.");
    }

    private static int PaddedLength(int longest, TokenizeOptions options)
    {
        int length = options.Padding == TextPadding.Longest ? longest : options.PaddedLength ?? options.MaxLength ?? longest;
        if (options.PaddedMultiple is > 0 and int multiple && length % multiple > 0) length += multiple - (length % multiple);
        return length;
    }

    private TokenSequence Pad(TokenSequence sequence, int length, TokenizeOptions options)
    {
        if (sequence.Length >= length) return sequence;
        int pad = PadId ?? throw new InputException(
            $"A sequence of {sequence.Length} tokens is to be filled up to {length}, and the tokenizer names no token for that (pad_token).");
        return sequence.Pad(length, new EncodedToken(pad, _padTypeId, true, 0, 0), options.PaddingSide);
    }
}
