namespace TrakFast.Datasets;

/// <summary>A record a line; lines with nothing but blanks are none.</summary>
internal sealed class LineSplitter : IRecordSplitter
{
    private long _start;
    private bool _hasText;

    /// <inheritdoc/>
    public void Start(long position) => _start = position;

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<byte> bytes, long position, Action<long, long> add)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            int end = bytes[at..].IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? bytes[at..] : bytes.Slice(at, end);
            _hasText |= line.ContainsAnyExcept(" \t\r"u8);
            if (end < 0) return;
            at += end + 1;
            Complete(position + at - 1, add);
            _start = position + at;
        }
    }

    /// <inheritdoc/>
    public void Complete(long position, Action<long, long> add)
    {
        if (_hasText) add(_start, position);
        _hasText = false;
    }
}
