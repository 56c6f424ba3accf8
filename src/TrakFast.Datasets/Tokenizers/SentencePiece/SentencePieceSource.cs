using System.Text;

namespace TrakFast.Datasets;

/// <summary>A SentencePiece model by itself, with its own numbers.</summary>
internal sealed class SentencePieceSource : ITokenSource
{
    private const char Mark = '\u2581';

    private readonly SentencePieceFile _file;
    private readonly SentencePieceModel _model;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly int[] _bytes = new int[256];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly ByteFallbackDecoder _decoder = new();

    /// <summary>Takes a model.</summary>
    /// <exception cref="InputException">It is of a kind that is not supported, or its pieces contradict each other.</exception>
    public SentencePieceSource(SentencePieceFile file)
    {
        _file = file;
        _model = file.ModelType switch
        {
            1 => new SentencePieceUnigram(file),
            2 => new SentencePieceBytePairs(file),
            3 => throw new InputException("its model_type is WORD, which is not supported; UNIGRAM and BPE are."),
            4 => throw new InputException("its model_type is CHAR, which is not supported; UNIGRAM and BPE are."),
            _ => throw new InputException($"its model_type is {file.ModelType}, which is not known."),
        };
        TokenTrie? symbols = null;
        for (int i = 0; i < file.Pieces.Count; i++)
        {
            _ids.TryAdd(file.Pieces[i].Text, i);
            if (file.Pieces[i].Kind == PieceKind.UserDefined) (symbols ??= new TokenTrie()).Add(file.Pieces[i].Text, i);
        }

        _normalizer = new SentencePieceNormalizer(file, symbols);
        for (int b = 0; b < 256 && file.ByteFallback; b++)
            _bytes[b] = _ids.TryGetValue($"<0x{b:X2}>", out int id)
                ? id
                : throw new InputException($"it falls back to bytes, and has no piece <0x{b:X2}>.");
    }

    /// <inheritdoc/>
    public string Description => $"SentencePiece {(_file.ModelType == 1 ? "unigram" : "BPE")} model with {VocabularySize} tokens";

    /// <inheritdoc/>
    public int VocabularySize => _file.Pieces.Count;

    /// <inheritdoc/>
    public bool CountsCodePoints => true;

    /// <inheritdoc/>
    public List<EncodedToken> Encode(string text, int? enough = null, TextSide side = TextSide.Right)
    {
        AlignedText normal = _normalizer.Apply(AlignedText.Of(text));
        List<ModelToken> tokens = [];
        _model.Divide(normal.Chars, tokens);
        List<EncodedToken> result = new(tokens.Count);
        bool afterUnknown = false;
        foreach (ModelToken token in tokens)
        {
            int start = normal.StartOf(token.Start), end = normal.EndOf(token.End - 1);
            bool unknown = token.Id == _file.UnknownId;
            if (unknown && _file.ByteFallback)
            {
                foreach (byte b in Encoding.UTF8.GetBytes(normal.Chars[token.Start..token.End].ToString()))
                    result.Add(new EncodedToken(_bytes[b], 0, false, start, end));
            }
            else if (unknown && afterUnknown)
            {
                result[^1] = result[^1] with { End = end };
            }
            else
            {
                result.Add(new EncodedToken(token.Id, 0, false, start, end));
            }

            afterUnknown = unknown;
        }

        return result;
    }

    /// <inheritdoc/>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecial)
    {
        List<string> texts = [];
        foreach (int id in ids)
        {
            if (id < 0 || id >= _file.Pieces.Count) continue;
            Piece piece = _file.Pieces[id];
            if (piece.Kind == PieceKind.Control && skipSpecial) continue;
            texts.Add(piece.Kind == PieceKind.Unknown ? " \u2047 " : piece.Text);
        }

        string text = string.Concat(_decoder.Apply(texts)).Replace(Mark, ' ');
        return _file.DummyPrefix && text.StartsWith(' ') ? text[1..] : text;
    }

    /// <inheritdoc/>
    public string? TextOf(int id) => id >= 0 && id < _file.Pieces.Count ? _file.Pieces[id].Text : null;

    /// <inheritdoc/>
    public int? IdOf(string token) => _ids.TryGetValue(token, out int id) ? id : null;
}
