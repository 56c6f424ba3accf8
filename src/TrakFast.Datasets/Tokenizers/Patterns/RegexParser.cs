using System.Globalization;

namespace TrakFast.Datasets;

/// <summary>Reads regular expressions in Oniguruma's syntax, as far as texts are split by them.</summary>
internal sealed partial class RegexParser
{
    private const int Deepest = 100;
    private const int MostRepeats = 1000;

    private readonly string _pattern;
    private int _at;
    private int _depth;
    private bool _ignoreCase;
    private bool _dotAll;
    private bool _extended;

    private RegexParser(string pattern) => _pattern = pattern;

    private bool AtEnd => _at >= _pattern.Length;

    private char Next => AtEnd ? '\0' : _pattern[_at];

    /// <summary>Reads a whole expression.</summary>
    /// <exception cref="InputException">It is not one, or has what is not supported.</exception>
    public static RegexNode Parse(string pattern)
    {
        RegexParser parser = new(pattern);
        RegexNode node = parser.Alternatives();
        return parser.AtEnd ? node : throw parser.Error("a parenthesis closes that was never opened");
    }

    private InputException Error(string what) =>
        new($"The regular expression {TokenizerText.Quote(_pattern)} cannot be used: {what} (at character {Math.Min(_at, _pattern.Length) + 1}).");

    private RegexNode Alternatives()
    {
        if (++_depth > Deepest) throw Error($"its groups are nested deeper than {Deepest}");
        (bool ignoreCase, bool dotAll, bool extended) = (_ignoreCase, _dotAll, _extended);
        List<RegexNode> parts = [Sequence()];
        while (Next == '|' && !AtEnd)
        {
            _at++;
            parts.Add(Sequence());
        }

        (_ignoreCase, _dotAll, _extended) = (ignoreCase, dotAll, extended);
        _depth--;
        return parts.Count == 1 ? parts[0] : new RegexNode.Alternation(parts);
    }

    private RegexNode Sequence()
    {
        List<RegexNode> parts = [];
        while (!AtEnd && Next is not ('|' or ')'))
        {
            if (_extended && (char.IsWhiteSpace(Next) || Next == '#'))
            {
                if (Next == '#') while (!AtEnd && Next != '\n') _at++;
                else _at++;
                continue;
            }

            if (Atom() is { } atom) parts.Add(Repeated(atom));
        }

        return parts.Count == 1 ? parts[0] : new RegexNode.Concatenation(parts);
    }

    private RegexNode Repeated(RegexNode atom)
    {
        for (int stacked = 0; !AtEnd; stacked++)
        {
            int least, most, before = _at;
            bool interval = false;
            switch (Next)
            {
                case '*': (least, most) = (0, -1); _at++; break;
                case '+': (least, most) = (1, -1); _at++; break;
                case '?': (least, most) = (0, 1); _at++; break;
                case '{' when Interval(out least, out most): interval = true; break;
                default: _at = before; return atom;
            }

            if (stacked > 8) throw Error("too many quantifiers follow each other");
            bool lazy = false, possessive = false;
            if (Next == '?') { lazy = true; _at++; }
            else if (Next == '+' && !interval) { possessive = true; _at++; }
            atom = new RegexNode.Repetition(atom, least, most, lazy);
            if (possessive) atom = new RegexNode.Atomic(atom);
        }

        return atom;
    }

    // A brace that begins no interval is a brace.
    private bool Interval(out int least, out int most)
    {
        least = most = 0;
        int end = _pattern.IndexOf('}', _at), comma;
        if (end < 0 || end - _at > 12) return false;
        string inside = _pattern[(_at + 1)..end];
        if (inside.Length == 0 || inside.Any(static c => !char.IsAsciiDigit(c) && c != ',')) return false;
        comma = inside.IndexOf(',', StringComparison.Ordinal);
        if (comma != inside.LastIndexOf(',') || inside == ",") return false;
        string first = comma < 0 ? inside : inside[..comma], second = comma < 0 ? inside : inside[(comma + 1)..];
        least = Count(first, 0);
        most = Count(second, -1);
        if (most >= 0 && least > most) throw Error($"{{{inside}}} asks for more than it allows");
        _at = end + 1;
        return true;
    }

    private int Count(string text, int otherwise)
    {
        if (text.Length == 0) return otherwise;
        int value = text.Length > 6 ? int.MaxValue : int.Parse(text, CultureInfo.InvariantCulture);
        return value <= MostRepeats ? value : throw Error($"something is repeated more than {MostRepeats} times");
    }

    private RegexNode? Atom()
    {
        char c = Next;
        switch (c)
        {
            case '(': return Group();
            case '[': return new RegexNode.Set(Fold(Class()));
            case '.':
                _at++;
                return new RegexNode.Set(_dotAll ? CodePointSet.All : CodePointSet.Range('\n', '\n').Complement());
            case '^': _at++; return new RegexNode.Anchor(RegexAnchor.LineStart);
            case '$': _at++; return new RegexNode.Anchor(RegexAnchor.LineEnd);
            case '*' or '+' or '?': throw Error($"'{c}' repeats nothing");
            case '\\': return Escaped();
            default: return new RegexNode.Set(Fold(Literal()));
        }
    }

    private CodePointSet Fold(CodePointSet set) => _ignoreCase ? set.IgnoreCase() : set;

    private CodePointSet Literal()
    {
        int c = CodePoints.At(_pattern, _at, out int length);
        _at += length;
        return CodePointSet.Range(c, c);
    }

    private RegexNode Escaped()
    {
        char c = _at + 1 < _pattern.Length ? _pattern[_at + 1] : throw Error("it ends in a backslash");
        RegexAnchor? anchor = c switch
        {
            'A' => RegexAnchor.TextStart,
            'z' => RegexAnchor.TextEnd,
            'Z' => RegexAnchor.LastLineEnd,
            'b' => RegexAnchor.Boundary,
            'B' => RegexAnchor.NoBoundary,
            _ => null,
        };
        if (anchor is { } kind)
        {
            _at += 2;
            return new RegexNode.Anchor(kind);
        }

        return new RegexNode.Set(Fold(EscapedSet()));
    }

    private RegexNode? Group()
    {
        _at++;
        if (Next != '?') return Closed(Alternatives());
        _at++;
        char c = Next;
        _at++;
        switch (c)
        {
            case ':': return Closed(Alternatives());
            case '>': return new RegexNode.Atomic(Closed(Alternatives()));
            case '=': return new RegexNode.Look(Closed(Alternatives()), Behind: false, Negative: false);
            case '!': return new RegexNode.Look(Closed(Alternatives()), Behind: false, Negative: true);
            case '#':
                int end = _pattern.IndexOf(')', _at);
                if (end < 0) throw Error("a comment does not end");
                _at = end + 1;
                return null;
            case '<' when Next is '=' or '!':
                bool negative = Next == '!';
                _at++;
                return new RegexNode.Look(Closed(Alternatives()), Behind: true, negative);
            case '<':
                int name = _pattern.IndexOf('>', _at);
                if (name < 0) throw Error("a group's name does not end");
                _at = name + 1;
                return Closed(Alternatives());
            default:
                _at--;
                return Options();
        }
    }

    private RegexNode? Options()
    {
        (bool ignoreCase, bool dotAll, bool extended) = (_ignoreCase, _dotAll, _extended);
        bool on = true;
        for (; ; _at++)
        {
            switch (Next)
            {
                case '-': on = false; break;
                case 'i': _ignoreCase = on; break;
                case 'm': _dotAll = on; break;
                case 'x': _extended = on; break;
                case ':':
                    _at++;
                    RegexNode body = Closed(Alternatives());
                    (_ignoreCase, _dotAll, _extended) = (ignoreCase, dotAll, extended);
                    return body;
                case ')':
                    // They hold to the end of the enclosing group, alternatives included.
                    _at++;
                    return Alternatives();
                default: throw Error("this kind of group is not supported");
            }
        }
    }

    private RegexNode Closed(RegexNode body)
    {
        if (Next != ')' || AtEnd) throw Error("a parenthesis is not closed");
        _at++;
        return body;
    }
}
