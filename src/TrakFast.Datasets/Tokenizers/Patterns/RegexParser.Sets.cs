using System.Globalization;

namespace TrakFast.Datasets;

/// <content>Sets of code points: escapes, properties and classes in brackets.</content>
internal sealed partial class RegexParser
{
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
        if (EscapesSet()) return EscapedSet();
        int from = Point();
        if (Next != '-' || _at + 1 >= _pattern.Length || _pattern[_at + 1] is ']') return CodePointSet.Range(from, from);
        int before = _at;
        _at++;
        if (Next == '[' || EscapesSet())
        {
            _at = before;
            return CodePointSet.Range(from, from);
        }

        int to = Point();
        return to >= from ? CodePointSet.Range(from, to) : throw Error("a range ends before it begins");
    }

    private bool EscapesSet() => Next == '\\' && _at + 1 < _pattern.Length
        && _pattern[_at + 1] is 'd' or 'D' or 's' or 'S' or 'w' or 'W' or 'h' or 'H' or 'p' or 'P';

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
