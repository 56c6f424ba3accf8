using System.Globalization;

namespace TrakFast.Datasets;

/// <summary>Reads regular expressions in Oniguruma's syntax, as far as texts are split by them.</summary>
internal sealed class RegexParser
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

    private CodePointSet EscapedSet()
    {
        _at++;
        char c = Next;
        if (c is 'd' or 's' or 'w' or 'h')
        {
            _at++;
            return PropertySets.Escape(c);
        }

        if (c is 'D' or 'S' or 'W' or 'H')
        {
            _at++;
            return PropertySets.Escape(char.ToLowerInvariant(c)).Complement();
        }

        if (c is 'p' or 'P') return Property();
        int point = EscapedPoint();
        return CodePointSet.Range(point, point);
    }

    private CodePointSet Property()
    {
        bool negative = Next == 'P';
        _at++;
        int end = Next == '{' ? _pattern.IndexOf('}', _at) : -1;
        if (end < 0) throw Error("a property has no name in braces");
        string name = _pattern[(_at + 1)..end];
        if (name.StartsWith('^'))
        {
            negative = !negative;
            name = name[1..];
        }

        CodePointSet set = PropertySets.Named(name) ?? throw Error($"the property {TokenizerText.Quote(name)} is not known");
        _at = end + 1;
        return negative ? set.Complement() : set;
    }

    private int EscapedPoint()
    {
        int c = CodePoints.At(_pattern, _at, out int length);
        _at += length;
        switch (c)
        {
            case 'n': return '\n';
            case 't': return '\t';
            case 'r': return '\r';
            case 'f': return '\f';
            case 'v': return '\v';
            case 'a': return '\a';
            case 'e': return 0x1B;
            case 'x' when Next == '{':
                int end = _pattern.IndexOf('}', _at);
                if (end < 0) throw Error("a code point has no closing brace");
                string digits = _pattern[(_at + 1)..end];
                _at = end + 1;
                return Hexadecimal(digits);
            case 'x': return Hexadecimal(Digits(2));
            case 'u': return Hexadecimal(Digits(4));
            case '0': return 0;
            case >= '1' and <= '9': throw Error("it refers back to a group, which is not supported");
            case < 128 when char.IsAsciiLetter((char)c): throw Error($"'\\{(char)c}' is not supported");
            default: return c;
        }
    }

    private string Digits(int most)
    {
        int start = _at;
        while (_at < start + most && char.IsAsciiHexDigit(Next)) _at++;
        return _pattern[start.._at];
    }

    private int Hexadecimal(string digits) =>
        digits.Length is > 0 and <= 6 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
        && value < CodePointSet.Limit
            ? value
            : throw Error($"{TokenizerText.Quote(digits)} is no code point");

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

    private CodePointSet Class()
    {
        if (++_depth > Deepest) throw Error($"its classes are nested deeper than {Deepest}");
        _at++;
        bool negative = Next == '^';
        if (negative) _at++;
        CodePointSet set = CodePointSet.None;
        CodePointSet? intersected = null;
        for (bool first = true; ; first = false)
        {
            if (AtEnd) throw Error("a class is not closed");
            if (Next == ']' && !first) break;
            if (_pattern.AsSpan(_at).StartsWith("&&"))
            {
                _at += 2;
                intersected = intersected is null ? set : intersected.Intersect(set);
                set = CodePointSet.None;
                continue;
            }

            set = set.Union(Member());
        }

        _at++;
        _depth--;
        if (intersected is not null) set = intersected.Intersect(set);
        if (_ignoreCase) set = set.IgnoreCase();
        return negative ? set.Complement() : set;
    }

    private CodePointSet Member()
    {
        if (_pattern.AsSpan(_at).StartsWith("[:") && _pattern.IndexOf(":]", _at, StringComparison.Ordinal) is > 0 and int end)
        {
            string name = _pattern[(_at + 2)..end];
            bool negative = name.StartsWith('^');
            CodePointSet set = PropertySets.Named(negative ? name[1..] : name) ?? throw Error($"[:{name}:] is not known");
            _at = end + 2;
            return negative ? set.Complement() : set;
        }

        if (Next == '[') return Class();
        if (Next == '\\' && _at + 1 < _pattern.Length && _pattern[_at + 1] is 'd' or 'D' or 's' or 'S' or 'w' or 'W' or 'h' or 'H' or 'p' or 'P')
            return EscapedSet();
        int from = Point();
        if (Next != '-' || _at + 1 >= _pattern.Length || _pattern[_at + 1] is ']') return CodePointSet.Range(from, from);
        int before = _at;
        _at++;
        if (Next == '[' || (Next == '\\' && _at + 1 < _pattern.Length && _pattern[_at + 1] is 'd' or 's' or 'w' or 'p' or 'P' or 'S' or 'D' or 'W'))
        {
            _at = before;
            return CodePointSet.Range(from, from);
        }

        int to = Point();
        return to >= from ? CodePointSet.Range(from, to) : throw Error("a range ends before it begins");
    }

    private int Point()
    {
        if (Next == '\\')
        {
            if (_at + 1 >= _pattern.Length) throw Error("it ends in a backslash");
            _at++;
            if (Next == 'b')
            {
                _at++;
                return '\b';
            }

            return EscapedPoint();
        }

        int c = CodePoints.At(_pattern, _at, out int length);
        _at += length;
        return c;
    }
}
