using System.Buffers.Binary;

namespace TrakFast;

/// <summary>A pickle's bytes, one after another.</summary>
/// <param name="stream">Where they come from.</param>
/// <param name="length">How many there are.</param>
/// <param name="path">What errors call the file.</param>
internal sealed class PickleSource(Stream stream, long length, string path)
{
    private readonly byte[] _buffer = new byte[1 << 14];
    private int _next;
    private int _end;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>What errors call the file.</summary>
    public string Path { get; } = path;

    /// <summary>Reads a byte.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    public byte ReadByte()
    {
        if (_next == _end) Fill();
        Position++;
        return _buffer[_next++];
    }

    /// <summary>Reads bytes.</summary>
    /// <exception cref="CheckpointException">There are not so many.</exception>
    public byte[] ReadBytes(long count)
    {
        if (count < 0 || count > length - Position || count > Array.MaxLength)
            throw new CheckpointException($"{Path} is cut short or damaged: its pickle wants {count} bytes at byte {Position} of {length}.");
        byte[] bytes = new byte[count];
        for (int done = 0; done < bytes.Length;)
        {
            if (_next == _end) Fill();
            int part = Math.Min(bytes.Length - done, _end - _next);
            _buffer.AsSpan(_next, part).CopyTo(bytes.AsSpan(done));
            _next += part;
            done += part;
            Position += part;
        }

        return bytes;
    }

    /// <summary>Reads a little-endian whole number of 1 to 8 bytes without a sign; one of more than 63 bits comes out negative.</summary>
    public long ReadNumber(int bytes)
    {
        long value = 0;
        for (int i = 0; i < bytes; i++) value |= (long)ReadByte() << (8 * i);
        return value;
    }

    /// <summary>Reads a little-endian whole number of 32 bits with a sign.</summary>
    public int ReadInt32() => unchecked((int)ReadNumber(4));

    /// <summary>Reads a big-endian float64.</summary>
    public double ReadDouble() => BinaryPrimitives.ReadDoubleBigEndian(ReadBytes(8));

    /// <summary>Reads the bytes before the next line break, and the break.</summary>
    public byte[] ReadLine()
    {
        List<byte> line = [];
        for (byte next = ReadByte(); next != (byte)'\n'; next = ReadByte()) line.Add(next);
        return [.. line];
    }

    private void Fill()
    {
        _next = 0;
        _end = (int)Math.Min(_buffer.Length, length - Position);
        if (_end <= 0 || (_end = stream.Read(_buffer, 0, _end)) == 0)
        {
            _end = 0;
            throw new CheckpointException($"{Path} is cut short or damaged: its pickle goes on where it ends, at byte {Position}.");
        }
    }
}
