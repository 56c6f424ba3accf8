using System.Text;

namespace TrakFast;

/// <summary>Reads the one kind of Python dictionary that NPY headers hold: three known keys, each once, nothing else.</summary>
internal ref struct NpyHeaderParser
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly string _path;
    private int _at;

    public NpyHeaderParser(ReadOnlySpan<byte> text, string path)
    {
        _text = text;
        _path = path;
    }

    /// <summary>Reads the whole text.</summary>
    /// <exception cref="TrakException">It is anything but such a dictionary.</exception>
    public (string Type, bool FortranOrder, IReadOnlyList<long> Shape) Parse()
    {
        string? type = null;
        bool? fortranOrder = null;
        IReadOnlyList<long>? shape = null;
        Expect('{');
        while (!Accept('}'))
        {
            string key = Quoted();
            Expect(':');
            switch (key)
            {
                case "descr" when type is null: type = Quoted(); break;
                case "fortran_order" when fortranOrder is null: fortranOrder = Truth(); break;
                case "shape" when shape is null: shape = Tuple(); break;
                default: throw Unreadable($"an unknown or repeated key '{key}'");
            }

            if (Accept(',')) continue;
            Expect('}');
            break;
        }

        SkipSpace();
        if (_at != _text.Length) throw Unreadable("more after the dictionary");
        if (type is null || fortranOrder is null || shape is null) throw Unreadable("not all of descr, fortran_order and shape");
        return (type, fortranOrder.Value, shape);
    }

    private List<long> Tuple()
    {
        Expect('(');
        var sizes = new List<long>();
        bool comma = true;
        while (!Accept(')'))
        {
            if (!comma) throw Unreadable("a malformed shape");
            sizes.Add(Number());
            comma = Accept(',');
        }

        // (5) is a number in Python; a tuple of one is (5,).
        if (sizes.Count == 1 && !comma) throw Unreadable("a shape that is a number instead of a tuple");
        return sizes;
    }

    private long Number()
    {
        SkipSpace();
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at])) _at++;
        ReadOnlySpan<byte> digits = _text[start.._at];
        if (digits.IsEmpty) throw Unreadable("a shape whose sizes are not all whole numbers from 0 on");
        return long.TryParse(digits, out long value) ? value : throw Unreadable($"a size of {digits.Length} digits");
    }

    private bool Truth()
    {
        SkipSpace();
        if (_text[_at..].StartsWith("False"u8))
        {
            _at += 5;
            return false;
        }

        if (!_text[_at..].StartsWith("True"u8)) throw Unreadable("a fortran_order that is neither True nor False");
        _at += 4;
        return true;
    }

    private string Quoted()
    {
        SkipSpace();
        if (_at == _text.Length || _text[_at] is not ((byte)'\'' or (byte)'"'))
            throw Unreadable("a key or type that is no string (structured types are not read)");
        int length = _text[(_at + 1)..].IndexOf(_text[_at]);
        if (length is < 0 or > 32) throw Unreadable("a string without an end");
        ReadOnlySpan<byte> value = _text.Slice(_at + 1, length);
        if (value.ContainsAnyExceptInRange((byte)' ', (byte)'~') || value.Contains((byte)'\\'))
            throw Unreadable("a string that is not plain ASCII");
        _at += length + 2;
        return Encoding.ASCII.GetString(value);
    }

    private void Expect(char wanted)
    {
        if (!Accept(wanted)) throw Unreadable($"no '{wanted}' at position {_at}");
    }

    private bool Accept(char wanted)
    {
        SkipSpace();
        if (_at == _text.Length || _text[_at] != wanted) return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\n') _at++;
    }

    private readonly TrakException Unreadable(string found) => new($"{_path} has an unreadable NPY header: it has {found}.");
}
