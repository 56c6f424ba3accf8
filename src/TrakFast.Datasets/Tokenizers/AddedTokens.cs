using System.Buffers;

namespace TrakFast.Datasets;

/// <summary>The added tokens of a tokenizer, found in texts: the leftmost first, the longest of those that begin there.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (AddedToken Token, string Text)> _tokens = [];
    private readonly HashSet<string> _special = new(StringComparer.Ordinal);
    private readonly Finder _plain;
    private readonly Finder _normalized;

    /// <summary>Numbers the tokens: as the model does, or on from where its vocabulary ends.</summary>
    public AddedTokens(IEnumerable<AddedToken> tokens, Vocabulary vocabulary, TextNormalizer? normalizer)
    {
        int next = vocabulary.Count;
        foreach (AddedToken token in tokens)
        {
            if (token.Content.Length == 0) continue;
            int id = _ids.TryGetValue(token.Content, out int known) ? known : vocabulary.IdOf(token.Content) ?? next++;
            _ids[token.Content] = id;
            if (token.Special) _special.Add(token.Content);
            string text = token.Normalized && normalizer is not null ? normalizer.Apply(token.Content) : token.Content;
            _tokens[id] = (token, text);
        }

        _plain = new Finder(_tokens.Where(static t => !t.Value.Token.Normalized).Select(static t => (t.Key, t.Value.Token.Content)));
        _normalized = new Finder(_tokens.Where(static t => t.Value.Token.Normalized).Select(static t => (t.Key, t.Value.Text)));
    }

    /// <summary>Texts and numbers.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>The number of a text, null for one that is no added token.</summary>
    public int? IdOf(string text) => _ids.TryGetValue(text, out int id) ? id : null;

    /// <summary>The text of a number, in its normal form where that is what is looked for; null for one that is no added token.</summary>
    public string? TextOf(int id) => _tokens.TryGetValue(id, out (AddedToken, string Text) token) ? token.Text : null;

    /// <summary>Whether a text is that of a special token.</summary>
    public bool IsSpecial(string text) => _special.Contains(text);

    /// <summary>Divides a text at the tokens that are looked for before it is normalized.</summary>
    public List<TextPiece> SplitPlain(AlignedText text) => Split(text, _plain);

    /// <summary>Divides a normalized text at the tokens that are looked for in it.</summary>
    public List<TextPiece> SplitNormalized(AlignedText text) => Split(text, _normalized);

    private List<TextPiece> Split(AlignedText text, Finder finder)
    {
        List<TextPiece> result = [];
        ReadOnlySpan<char> chars = text.Chars;
        int done = 0;
        for (int at = 0; finder.Next(chars, at, out int start, out int end, out int id);)
        {
            at = end;
            AddedToken token = _tokens[id].Token;
            if (token.SingleWord && !IsSingle(chars, start, end)) continue;

            // No white space is beyond the basic plane.
            if (token.StripLeft)
            {
                while (start > 0 && Characters.IsWhite(chars[start - 1])) start--;
                start = Math.Max(start, done);
            }

            while (token.StripRight && end < chars.Length && Characters.IsWhite(chars[end])) end++;
            if (done < start) result.Add(new TextPiece(text, done, start - done));
            result.Add(new TextPiece(text, start, end - start, id));
            done = end;
        }

        if (done < chars.Length) result.Add(new TextPiece(text, done, chars.Length - done));
        return result;
    }

    private static bool IsSingle(ReadOnlySpan<char> text, int start, int end) =>
        (start == 0 || !Characters.IsWord(CodePoints.Before(text, start, out _)))
        && (end == text.Length || !Characters.IsWord(CodePoints.At(text, end, out _)));

    // Finds the leftmost, longest of some texts.
    private sealed class Finder
    {
        private readonly TokenTrie _trie = new();
        private readonly SearchValues<char> _first;

        public Finder(IEnumerable<(int Id, string Text)> texts)
        {
            HashSet<char> first = [];
            foreach ((int id, string text) in texts)
            {
                if (text.Length == 0) continue;
                _trie.Add(text, id);
                first.Add(text[0]);
            }

            _first = SearchValues.Create([.. first]);
        }

        public bool Next(ReadOnlySpan<char> text, int from, out int start, out int end, out int id)
        {
            (start, end, id) = (from, from, -1);
            while (text[start..].IndexOfAny(_first) is >= 0 and int skip)
            {
                start += skip;
                int node = 0;
                for (int i = start; i < text.Length && _trie.Step(ref node, text[i], out int found); i++)
                    if (found >= 0) (end, id) = (i + 1, found);
                if (id >= 0) return true;
                start++;
            }

            return false;
        }
    }
}
