namespace TrakFast.Datasets;

/// <summary>
/// A text on its way to tokens: UTF-16 characters, and for each the part of the original text that it came from.
/// </summary>
internal sealed class AlignedText
{
    // What normalizers may make of a text before its tokenizer is taken for damaged.
    private const int MostGrowth = 1000;
    private const int Spare = 1 << 16;

    private readonly long _most;
    private char[] _chars;
    private int[] _starts;
    private int[] _ends;

    /// <summary>An empty text for what normalizers make of another.</summary>
    /// <param name="capacity">Number of characters to make room for.</param>
    /// <param name="most">Number of characters above which the text is refused.</param>
    private AlignedText(int capacity, long most)
    {
        _most = most;
        _chars = new char[capacity];
        _starts = new int[capacity];
        _ends = new int[capacity];
    }

    /// <summary>Number of UTF-16 characters.</summary>
    public int Length { get; private set; }

    /// <summary>The characters.</summary>
    public ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    /// <summary>
    /// The characters of a whole text, with places in code points; halves of surrogate pairs that stand alone become U+FFFD.
    /// </summary>
    public static AlignedText Of(string text)
    {
        AlignedText result = new(text.Length, ((long)text.Length * MostGrowth) + Spare) { Length = text.Length };
        int place = 0;
        for (int i = 0; i < text.Length; i++, place++)
        {
            (result._chars[i], result._starts[i], result._ends[i]) = (text[i], place, place + 1);
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
            {
                result._chars[i] = '\uFFFD';
                continue;
            }

            i++;
            (result._chars[i], result._starts[i], result._ends[i]) = (text[i], place, place + 1);
        }

        return result;
    }

    /// <summary>An empty text that is to hold another form of this one.</summary>
    public AlignedText Empty() => new(Length + 16, _most);

    /// <summary>Where the original of a character begins.</summary>
    public int StartOf(int index) => _starts[index];

    /// <summary>Where the original of a character ends.</summary>
    public int EndOf(int index) => _ends[index];

    /// <summary>The code point at a character.</summary>
    /// <param name="index">Where it begins.</param>
    /// <param name="length">1, or 2 for a surrogate pair.</param>
    public int CodePointAt(int index, out int length) => CodePoints.At(Chars, index, out length);

    /// <summary>Adds a code point that came from the given part of the original.</summary>
    public void Append(int codePoint, int start, int end)
    {
        if (codePoint < 0x10000)
        {
            Append((char)codePoint, start, end);
            return;
        }

        Append((char)(0xD7C0 + (codePoint >> 10)), start, end);
        Append((char)(0xDC00 + (codePoint & 0x3FF)), start, end);
    }

    /// <summary>Adds a UTF-16 character that came from the given part of the original.</summary>
    /// <exception cref="InputException">The text has grown without measure.</exception>
    public void Append(char c, int start, int end)
    {
        if (Length == _chars.Length) Grow(Length + 1);
        _chars[Length] = c;
        _starts[Length] = start;
        _ends[Length] = end;
        Length++;
    }

    /// <summary>Adds a part of another text as it is.</summary>
    public void Append(AlignedText other, int start, int length)
    {
        if (Length + length > _chars.Length) Grow(Length + length);
        other._chars.AsSpan(start, length).CopyTo(_chars.AsSpan(Length));
        other._starts.AsSpan(start, length).CopyTo(_starts.AsSpan(Length));
        other._ends.AsSpan(start, length).CopyTo(_ends.AsSpan(Length));
        Length += length;
    }

    /// <summary>Adds the characters of a text, all from the same part of the original.</summary>
    public void Append(ReadOnlySpan<char> text, int start, int end)
    {
        foreach (char c in text) Append(c, start, end);
    }

    /// <summary>A part of this text, by itself.</summary>
    public AlignedText Slice(int start, int length)
    {
        AlignedText result = new(length, _most);
        result.Append(this, start, length);
        return result;
    }

    /// <summary>Takes characters off the end.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>The characters as a string.</summary>
    public override string ToString() => new(Chars);

    private void Grow(int needed)
    {
        if (needed > _most)
            throw new InputException($"The tokenizer's normalizers make more than {_most} characters of one text.");
        int capacity = Math.Max(needed, Math.Max(16, (int)Math.Min(_chars.Length * 2L, _most)));
        Array.Resize(ref _chars, capacity);
        Array.Resize(ref _starts, capacity);
        Array.Resize(ref _ends, capacity);
    }
}
