using System.Text;

namespace TrakFast;

/// <summary>
/// Reads Python pickles of protocols 0 to 5 as data: lists, dictionaries, numbers and texts, and inert records of what would have
/// been called with what. There is nothing here that could look up a name or call it.
/// </summary>
internal sealed class Unpickler
{
    // A byte of a pickle can make an object of some 50, so this many are bounded by a quarter of a gigabyte.
    private const long MostSteps = 4_000_000;
    private const int HighestProtocol = 5;
    private readonly PickleSource _source;
    private readonly PickleStack _stack;
    private readonly Dictionary<long, object?> _memo = [];

    private Unpickler(PickleSource source) => (_source, _stack) = (source, new PickleStack(source.Path));

    /// <summary>Reads one pickle and leaves the source behind it.</summary>
    /// <param name="source">Where it begins.</param>
    /// <exception cref="CheckpointException">It is damaged, or asks for a name that is refused.</exception>
    public static object? Read(PickleSource source) => new Unpickler(source).Run();

    private object? Run()
    {
        for (long step = 0; step < MostSteps; step++)
        {
            byte code = _source.ReadByte();
            if (code == (byte)'.') return _stack.Pop();
            if (!Structure(code) && !Constant(code) && !Text(code) && !Memo(code) && !Call(code))
                throw Damaged($"has the unknown instruction 0x{code:X2} at byte {_source.Position - 1}");
        }

        throw new CheckpointException($"{_source.Path} has a pickle of more than {MostSteps} instructions; save the state dict alone.");
    }

    private bool Structure(byte code)
    {
        switch (code)
        {
            case (byte)'(': _stack.Mark(); break;
            case (byte)'0': _stack.Drop(); break;
            case (byte)'1': _stack.PopMarked(); break;
            case (byte)'2': _stack.Push(_stack.Peek()); break;
            case (byte)')': _stack.Push(new PickleTuple([])); break;
            case (byte)'t': _stack.Push(new PickleTuple(_stack.PopMarked())); break;
            case 0x85 or 0x86 or 0x87: _stack.Push(new PickleTuple(_stack.Pop(code - 0x84))); break;
            case (byte)']' or 0x8F: _stack.Push(new PickleObject()); break;
            case (byte)'l' or 0x91: _stack.Push(Filled(new PickleObject(), _stack.PopMarked())); break;
            case (byte)'}': _stack.Push(PickleObject.Dictionary()); break;
            case (byte)'d': _stack.Push(Keyed(PickleObject.Dictionary(), _stack.PopMarked())); break;
            case (byte)'a': Filled(null, _stack.Pop(1)); break;
            case (byte)'e' or 0x90: Filled(null, _stack.PopMarked()); break;
            case (byte)'s': Keyed(null, _stack.Pop(2)); break;
            case (byte)'u': Keyed(null, _stack.PopMarked()); break;
            default: return false;
        }

        return true;
    }

    private bool Constant(byte code)
    {
        switch (code)
        {
            case 0x80:
                if (_source.ReadByte() is > HighestProtocol and var protocol)
                    throw new CheckpointException($"{_source.Path} has a pickle of protocol {protocol}; 0 to {HighestProtocol} are read.");
                break;
            case 0x95: _source.ReadNumber(8); break;
            case (byte)'N': _stack.Push(null); break;
            case 0x88 or 0x89: _stack.Push(code == 0x88); break;
            case (byte)'K': _stack.Push((long)_source.ReadByte()); break;
            case (byte)'M': _stack.Push(_source.ReadNumber(2)); break;
            case (byte)'J': _stack.Push((long)_source.ReadInt32()); break;
            case (byte)'G': _stack.Push(_source.ReadDouble()); break;
            case (byte)'F': _stack.Push(PickleText.Real(_source.ReadLine()) ?? throw Damaged("has a number that is none")); break;
            case (byte)'I' or (byte)'L':
                _stack.Push(PickleText.Whole(_source.ReadLine()) ?? throw Damaged("has a number that is none"));
                break;
            case 0x8A: _stack.Push(Whole(_source.ReadBytes(_source.ReadByte()))); break;
            case 0x8B: _stack.Push(Whole(_source.ReadBytes(_source.ReadInt32()))); break;
            default: return false;
        }

        return true;
    }

    private bool Text(byte code)
    {
        switch (code)
        {
            case (byte)'S': _stack.Push(PickleText.Quoted(_source.ReadLine()) ?? throw Damaged("has a text without quotation marks")); break;
            case (byte)'V': _stack.Push(PickleText.RawUnicode(_source.ReadLine())); break;
            case (byte)'T': _stack.Push(Encoding.Latin1.GetString(_source.ReadBytes(_source.ReadInt32()))); break;
            case (byte)'U': _stack.Push(Encoding.Latin1.GetString(_source.ReadBytes(_source.ReadByte()))); break;
            case (byte)'X': _stack.Push(PickleText.Utf8(_source.ReadBytes(_source.ReadNumber(4)))); break;
            case 0x8C: _stack.Push(PickleText.Utf8(_source.ReadBytes(_source.ReadByte()))); break;
            case 0x8D: _stack.Push(PickleText.Utf8(_source.ReadBytes(_source.ReadNumber(8)))); break;
            case (byte)'B': _stack.Push(new PickleBytes(_source.ReadBytes(_source.ReadNumber(4)))); break;
            case (byte)'C': _stack.Push(new PickleBytes(_source.ReadBytes(_source.ReadByte()))); break;
            case 0x8E or 0x96: _stack.Push(new PickleBytes(_source.ReadBytes(_source.ReadNumber(8)))); break;
            default: return false;
        }

        return true;
    }

    private bool Memo(byte code)
    {
        switch (code)
        {
            case (byte)'p': _memo[Place()] = _stack.Peek(); break;
            case (byte)'q': _memo[_source.ReadByte()] = _stack.Peek(); break;
            case (byte)'r': _memo[_source.ReadNumber(4)] = _stack.Peek(); break;
            case 0x94: _memo[_memo.Count] = _stack.Peek(); break;
            case (byte)'g': _stack.Push(Remembered(Place())); break;
            case (byte)'h': _stack.Push(Remembered(_source.ReadByte())); break;
            case (byte)'j': _stack.Push(Remembered(_source.ReadNumber(4))); break;
            default: return false;
        }

        return true;
    }

    private bool Call(byte code)
    {
        switch (code)
        {
            case (byte)'c': _stack.Push(Global(PickleText.Utf8(_source.ReadLine()), PickleText.Utf8(_source.ReadLine()))); break;
            case 0x93:
                object?[] names = _stack.Pop(2);
                if (names is not [string module, string name]) throw Damaged("names something by what is no text");
                _stack.Push(Global(module, name));
                break;
            case (byte)'P': _stack.Push(new PickleReference(PickleText.Utf8(_source.ReadLine()))); break;
            case (byte)'Q': _stack.Push(new PickleReference(_stack.Pop())); break;
            case (byte)'R' or 0x81:
                object?[] called = _stack.Pop(2);
                if (called[0] is PickleGlobal { Module: "builtins" or "__builtin__", Name: "getattr" })
                    PickleNames.CheckAttribute(called[1], _source.Path);
                _stack.Push(new PickleObject(called[0], called[1]));
                break;
            case 0x92:
                object?[] keyed = _stack.Pop(3);
                _stack.Push(new PickleObject(keyed[0], keyed[1]));
                break;
            case (byte)'i':
                PickleGlobal made = Global(PickleText.Utf8(_source.ReadLine()), PickleText.Utf8(_source.ReadLine()));
                _stack.Push(new PickleObject(made, new PickleTuple(_stack.PopMarked())));
                break;
            case (byte)'o':
                object?[] parts = _stack.PopMarked();
                if (parts.Length == 0) throw Damaged("makes an object of nothing");
                _stack.Push(new PickleObject(parts[0], new PickleTuple(parts[1..])));
                break;
            case (byte)'b':
                object? state = _stack.Pop();
                if (_stack.Peek() is PickleObject built) built.State = state;
                break;
            case 0x82 or 0x83 or 0x84 or 0x97 or 0x98:
                throw new CheckpointException(
                    $"{_source.Path} has a pickle that leans on what is not in the file (instruction 0x{code:X2}); write it with torch.save.");
            default: return false;
        }

        return true;
    }

    private PickleGlobal Global(string module, string name)
    {
        PickleGlobal global = new(module.TrimEnd('\r'), name.TrimEnd('\r'));
        PickleNames.Check(global, _source.Path);
        return global;
    }

    private PickleObject Filled(PickleObject? list, object?[] items)
    {
        list ??= _stack.Peek() as PickleObject ?? throw Damaged("appends to what is no list");
        foreach (object? item in items) list.Append(item);
        return list;
    }

    private PickleObject Keyed(PickleObject? dictionary, object?[] items)
    {
        dictionary ??= _stack.Peek() as PickleObject ?? throw Damaged("sets an entry of what is no dictionary");
        if (items.Length % 2 != 0) throw Damaged("has a key without a value");
        for (int i = 0; i < items.Length; i += 2) dictionary.Set(items[i], items[i + 1]);
        return dictionary;
    }

    private long Place() => PickleText.Whole(_source.ReadLine()) is long place ? place : throw Damaged("remembers at what is no number");

    private object? Remembered(long place) =>
        _memo.TryGetValue(place, out object? value) ? value : throw Damaged($"wants what was never remembered, number {place}");

    // Two's complement, little-endian.
    private static object Whole(byte[] bytes)
    {
        if (bytes.Length > 8) return new PickleBytes(bytes);
        long value = bytes.Length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--) value = (value << 8) | bytes[i];
        return value;
    }

    private CheckpointException Damaged(string how) => new($"{_source.Path} is damaged: its pickle {how}.");
}
