namespace TrakFast.Datasets;

/// <summary>
/// Writes another form of a text and keeps its alignment as Hugging Face's library does: every written code point says how
/// it changes the number of code points, 0 when it stands for the next one, 1 when it is new, −n when it stands for the next
/// one and the n after it.
/// </summary>
/// <param name="source">The text.</param>
/// <param name="start">Where the part to be rewritten begins.</param>
/// <param name="length">Number of characters of the part.</param>
/// <param name="target">What receives the other form.</param>
internal ref struct TextTransform(AlignedText source, int start, int length, AlignedText target)
{
    private readonly int _end = start + length;
    private readonly int _start = start;
    private int _at = start;

    /// <summary>Drops code points before the first one written.</summary>
    public void Skip(int count)
    {
        for (; count > 0 && _at < _end; count--)
        {
            source.CodePointAt(_at, out int length);
            _at += length;
        }
    }

    /// <summary>Writes a code point.</summary>
    public void Write(int codePoint, int change)
    {
        if (change > 0)
        {
            if (_at == _start) target.Append(codePoint, 0, 0);
            else target.Append(codePoint, source.StartOf(_at - 1), source.EndOf(_at - 1));
            return;
        }

        int from = Math.Min(_at, _end - 1);
        target.Append(codePoint, source.StartOf(from), source.EndOf(from));
        Skip(1 - change);
    }
}
