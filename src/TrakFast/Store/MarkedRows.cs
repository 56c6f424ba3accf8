using System.Diagnostics;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// Row files with a file of marks that says which rows are done. Rows are durable before they are marked: data is
/// flushed to disk, then marks are written and flushed, every few seconds and when disposed. What was not marked when a
/// process died is done again.
/// </summary>
internal sealed class MarkedRows : IDisposable
{
    private static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(5);
    private readonly NpyRowsFile[] _data;
    private readonly NpyRowsFile _marks;
    private readonly bool[] _done;
    private readonly List<long> _unmarked = [];
    private long _lastCommit = Stopwatch.GetTimestamp();

    private MarkedRows(NpyRowsFile[] data, NpyRowsFile marks)
    {
        _data = data;
        _marks = marks;
        int[] values = new int[checked((int)marks.Rows)];
        marks.ReadElements<int>(0, values);
        _done = Array.ConvertAll(values, static v => v != 0);
        DoneCount = _done.LongCount(static d => d);
    }

    /// <summary>Rows that are done.</summary>
    public long DoneCount { get; private set; }

    /// <summary>Rows there are.</summary>
    public long Rows => _done.Length;

    /// <summary>Opens the files, or makes those that are missing.</summary>
    /// <param name="marks">Path of the file of marks, int32 [rows, 1].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="data">Path, type and width of each row file.</param>
    /// <exception cref="SaveDirectoryException">A file holds something else, or is missing while rows of it are marked.</exception>
    public static MarkedRows Open(string marks, long rows, params (string Path, ElementType Type, long Width)[] data)
    {
        List<NpyRowsFile> opened = [];
        string? missing = data.Select(static d => d.Path).FirstOrDefault(static path => !File.Exists(path));
        try
        {
            foreach ((string path, ElementType type, long width) in data) opened.Add(OpenOrCreate(path, type, rows, width));
            opened.Add(OpenOrCreate(marks, ElementType.Int32, rows, 1));
            MarkedRows marked = new([.. opened[..^1]], opened[^1]);
            if (missing is not null && marked.DoneCount > 0)
            {
                File.Delete(missing);
                throw new SaveDirectoryException(
                    $"{missing} is missing, while {marks} says that {marked.DoneCount} of its {rows} rows are done; "
                    + $"restore it, or delete {marks} to have them done again.");
            }

            return marked;
        }
        catch
        {
            foreach (NpyRowsFile file in opened) file.Dispose();
            throw;
        }
    }

    /// <summary>Numbers in a row of one of the files.</summary>
    public long Width(int file) => _data[file].Width;

    /// <summary>Whether a row is done.</summary>
    public bool IsDone(long row) => _done[row];

    /// <summary>The first row that is not done, or −1.</summary>
    public long FirstMissing() => Array.IndexOf(_done, false);

    /// <summary>Writes rows of one of the files, in memory order, at the given indices.</summary>
    /// <param name="file">Which of the files.</param>
    /// <param name="rows">Their indices.</param>
    /// <param name="values">[rows, width].</param>
    public void Write(int file, IReadOnlyList<long> rows, ReadOnlySpan<float> values)
    {
        int width = checked((int)_data[file].Width);
        foreach ((int position, long row, int count) in RowRuns.Of(rows))
            _data[file].WriteRows(row, values.Slice(position * width, count * width));
    }

    /// <summary>Says that rows are written in every file; they are marked at the next commit.</summary>
    public void Mark(IReadOnlyList<long> rows)
    {
        foreach (long row in rows)
        {
            _done[row] = true;
            _unmarked.Add(row);
        }

        DoneCount += rows.Count;
        if (DoneCount == Rows || Stopwatch.GetElapsedTime(_lastCommit) > CommitInterval) Commit();
    }

    /// <summary>Makes everything written durable, then marks it.</summary>
    public void Commit()
    {
        if (_unmarked.Count > 0)
        {
            foreach (NpyRowsFile file in _data) file.Flush();
            _unmarked.Sort();
            foreach ((_, long row, int count) in RowRuns.Of(_unmarked))
            {
                int[] ones = new int[count];
                Array.Fill(ones, 1);
                _marks.WriteElements<int>(row, ones);
            }

            _marks.Flush();
            _unmarked.Clear();
        }

        _lastCommit = Stopwatch.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Commit();
        }
        finally
        {
            foreach (NpyRowsFile file in _data) file.Dispose();
            _marks.Dispose();
        }
    }

    private static NpyRowsFile OpenOrCreate(string path, ElementType type, long rows, long width)
    {
        if (File.Exists(path)) return NpyRowsFile.Open(path, type, rows, width);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return NpyRowsFile.Create(path, type, rows, width);
    }
}
