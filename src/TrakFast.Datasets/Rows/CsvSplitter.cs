namespace TrakFast.Datasets;

/// <summary>
/// A record of a CSV file (RFC 4180): it ends with a line, unless the end of the line stands in quotes. Quotes open at the beginning of
/// a field only. Empty lines are no records.
/// </summary>
/// <param name="delimiter">Separates fields.</param>
internal sealed class CsvSplitter(byte delimiter) : IRecordSplitter
{
    private long _start;
    private State _state;
    private bool _hasText;

    private enum State
    {
        FieldStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }

    /// <inheritdoc/>
    public void Start(long position) => _start = position;

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<byte> bytes, long position, Action<long, long> add)
    {
        for (int at = 0; at < bytes.Length; at++)
        {
            // Most bytes are neither.
            int skip = _state switch
            {
                State.Plain => bytes[at..].IndexOfAny(delimiter, (byte)'\n'),
                State.Quoted => bytes[at..].IndexOf((byte)'"'),
                _ => 0,
            };
            if (skip != 0) _hasText = true;
            if (skip < 0) return;
            at += skip;
            byte value = bytes[at];
            if (value == '\n' && _state != State.Quoted)
            {
                Complete(position + at, add);
                _start = position + at + 1;
                continue;
            }

            _hasText |= value != '\r';
            _state = _state switch
            {
                State.Quoted => State.QuoteInQuoted,
                _ when value == delimiter => State.FieldStart,
                State.FieldStart or State.QuoteInQuoted when value == '"' => State.Quoted,
                _ => State.Plain,
            };
        }
    }

    /// <inheritdoc/>
    public void Complete(long position, Action<long, long> add)
    {
        if (_hasText) add(_start, position);
        (_state, _hasText) = (State.FieldStart, false);
    }
}
