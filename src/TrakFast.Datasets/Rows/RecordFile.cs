using Microsoft.Win32.SafeHandles;

namespace TrakFast.Datasets;

/// <summary>A file that holds one record after another, and where each begins and ends. Any number of threads may read it.</summary>
internal sealed class RecordFile : IDisposable
{
    private const int ReadBytes = 1 << 20;
    private readonly SafeFileHandle _handle;
    private readonly List<long> _starts = [];
    private readonly List<long> _ends = [];

    private RecordFile(string path, SafeFileHandle handle) => (Path, _handle) = (path, handle);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Number of records.</summary>
    public long Count => _starts.Count;

    /// <summary>Goes through a file once and finds its records.</summary>
    /// <param name="path">The file.</param>
    /// <param name="splitter">Finds them.</param>
    /// <exception cref="TrakException">The file cannot be read, or is in an encoding other than UTF-8.</exception>
    public static RecordFile Open(string path, IRecordSplitter splitter)
    {
        try
        {
            RecordFile file = new(path, File.OpenHandle(path, options: FileOptions.RandomAccess));
            try
            {
                file.Split(splitter);
                return file;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception))
        {
            throw FileAccessErrors.Explain("read", path, exception);
        }
    }

    /// <summary>Where a record begins and ends in the file.</summary>
    public (long Start, long End) Place(long record) => (_starts[checked((int)record)], _ends[checked((int)record)]);

    /// <summary>Leaves the first record out, which was the names of the columns.</summary>
    public void DropFirst()
    {
        _starts.RemoveAt(0);
        _ends.RemoveAt(0);
    }

    /// <summary>The bytes of a record.</summary>
    /// <exception cref="TrakException">The file became shorter, or cannot be read any more.</exception>
    public byte[] Read(long record)
    {
        (long start, long end) = Place(record);
        return Read(start, checked((int)(end - start)));
    }

    /// <summary>Bytes of the file.</summary>
    /// <exception cref="TrakException">The file became shorter, or cannot be read any more.</exception>
    public byte[] Read(long start, int length)
    {
        byte[] bytes = new byte[length];
        try
        {
            for (int done = 0; done < length;)
            {
                int got = RandomAccess.Read(_handle, bytes.AsSpan(done), start + done);
                if (got == 0) throw new InputException($"{Path} became shorter while it was read.");
                done += got;
            }
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception))
        {
            throw FileAccessErrors.Explain("read", Path, exception);
        }

        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private void Split(IRecordSplitter splitter)
    {
        byte[] room = new byte[ReadBytes];
        long position = 0;
        for (int got; (got = RandomAccess.Read(_handle, room, position)) > 0; position += got)
        {
            ReadOnlySpan<byte> bytes = room.AsSpan(0, got);
            if (position == 0)
            {
                if (bytes.StartsWith<byte>([0xFF, 0xFE]) || bytes.StartsWith<byte>([0xFE, 0xFF]))
                    throw new InputException($"{Path} is UTF-16; write it as UTF-8 first.");
                if (bytes.StartsWith<byte>([0x1F, 0x8B]))
                    throw new InputException($"{Path} is compressed with gzip, so its rows cannot be read one by one; unpack it first.");
                int mark = bytes.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? 3 : 0;
                splitter.Start(mark);
                splitter.Take(bytes[mark..], mark, Add);
            }
            else
            {
                splitter.Take(bytes, position, Add);
            }
        }

        splitter.Complete(position, Add);
    }

    private void Add(long start, long end)
    {
        _starts.Add(start);
        _ends.Add(end);
    }
}

/// <summary>Finds where records begin and end in a stream of bytes.</summary>
internal interface IRecordSplitter
{
    /// <summary>The first record begins here.</summary>
    void Start(long position);

    /// <summary>Goes through more bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="position">Where the first of them stands.</param>
    /// <param name="add">Takes a record's first position and the one behind its last.</param>
    void Take(ReadOnlySpan<byte> bytes, long position, Action<long, long> add);

    /// <summary>The stream ends.</summary>
    /// <param name="position">Where.</param>
    /// <param name="add">Takes the last record.</param>
    void Complete(long position, Action<long, long> add);
}
