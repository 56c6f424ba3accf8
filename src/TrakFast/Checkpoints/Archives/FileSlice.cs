using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>A stretch of an open file as a stream that is read once, from its start.</summary>
/// <param name="file">The file.</param>
/// <param name="path">What errors call it.</param>
/// <param name="start">The first byte.</param>
/// <param name="length">Number of bytes; they lie within the file.</param>
internal sealed class FileSlice(SafeFileHandle file, string path, long start, long length) : Stream
{
    private long _read;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, length - _read);
        if (count <= 0) return 0;
        FileBytes.Read(file, path, start + _read, buffer[..count]);
        _read += count;
        return count;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
