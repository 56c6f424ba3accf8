namespace TrakFast.Datasets;

/// <summary>SentencePiece's own normalization: the longest rule at each place, spaces joined and written as ▁.</summary>
internal sealed class SentencePieceNormalizer : TextNormalizer
{
    private const char Mark = '\u2581';

    private readonly SentencePieceFile _file;
    private readonly CharacterMap? _rules;
    private readonly TokenTrie? _symbols;

    /// <summary>Takes the rules of a model.</summary>
    /// <param name="file">The model.</param>
    /// <param name="symbols">Texts that are kept as they are; null for none.</param>
    public SentencePieceNormalizer(SentencePieceFile file, TokenTrie? symbols)
    {
        _file = file;
        _rules = file.Rules.Length > 0 ? CharacterMap.Read(file.Rules) : null;
        _symbols = symbols;
    }

    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        AlignedText result = text.Empty();
        int at = 0;
        Span<int> one = stackalloc int[1];
        for (; _file.RemoveSpaces && at < text.Length;)
        {
            int length = Prefix(text.Chars[at..], one, out ReadOnlySpan<int> form);
            if (form is not [' ']) break;
            at += length;
        }

        if (at == text.Length) return result;
        bool prefix = _file.DummyPrefix && !_file.SpaceAsSuffix, suffix = _file.DummyPrefix && _file.SpaceAsSuffix;
        char space = _file.EscapeSpaces ? Mark : ' ';
        if (prefix) result.Append(space, text.StartOf(at), text.StartOf(at));
        bool afterSpace = _file.RemoveSpaces;
        while (at < text.Length)
        {
            int length = Prefix(text.Chars[at..], one, out ReadOnlySpan<int> form);
            int start = text.StartOf(at), end = text.EndOf(at + length - 1);
            at += length;
            while (afterSpace && form is [' ', ..]) form = form[1..];
            foreach (int c in form) result.Append(c == ' ' ? space : c, start, end);
            if (!form.IsEmpty) afterSpace = form[^1] == ' ';
            if (!_file.RemoveSpaces) afterSpace = false;
        }

        while (_file.RemoveSpaces && result.Length > 0 && result.Chars[^1] == space) result.Truncate(result.Length - 1);
        if (suffix) result.Append(space, text.EndOf(text.Length - 1), text.EndOf(text.Length - 1));
        return result;
    }

    // Number of characters that go together, and what becomes of them.
    private int Prefix(ReadOnlySpan<char> text, Span<int> one, out ReadOnlySpan<int> form)
    {
        int kept = _symbols is null ? 0 : _symbols.Longest(text);
        if (kept > 0)
        {
            form = CodePoints.Of(text[..kept]);
            return kept;
        }

        int ruled = 0;
        int[] replacement = [];
        if (_rules is not null) ruled = _rules.Longest(text, out replacement);
        if (ruled > 0)
        {
            form = replacement;
            return ruled;
        }

        one[0] = CodePoints.At(text, 0, out int length);
        form = one.ToArray();
        return length;
    }
}
