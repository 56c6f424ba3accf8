using System.Diagnostics;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// Row files with a file of marks that says which rows are done. Rows and their checksums are durable before they are marked: data
/// is flushed to disk, then marks are written and flushed, every second or so and when disposed. What was not marked when a
/// process died is done again.
/// </summary>
internal sealed class MarkedRows : IDisposable
{
    private const double LeastInterval = 1;

    // A commit may take a twentieth of the time.
    private const double IntervalOverCost = 20;
    private readonly NpyRowsFile[] _data;
    private readonly NpyRowsFile _marks;
    private readonly bool[] _done;
    private readonly List<long> _unmarked = [];
    private long _lastCommit = Stopwatch.GetTimestamp();
    private double _commitSeconds;

    private MarkedRows(NpyRowsFile[] data, NpyRowsFile marks)
    {
        _data = data;
        _marks = marks;
        int[] values = new int[checked((int)marks.Rows)];
        marks.ReadElements<int>(0, values);
        int wrong = Array.FindIndex(values, static v => v is not (0 or 1));
        if (wrong >= 0)
            throw new SaveDirectoryException($"{marks.Path} is damaged: row {wrong} holds {values[wrong]}, where 0 or 1 is wanted; {Remedy(marks.Path)}");
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
    /// <param name="identity">What the rows are of; their checksums depend on it.</param>
    /// <param name="data">Path, type and width of each row file.</param>
    /// <exception cref="SaveDirectoryException">
    /// A file holds something else, or is missing while rows of it are marked, or marks and checksums differ.
    /// </exception>
    public static MarkedRows Open(string marks, long rows, string identity, params (string Path, ElementType Type, long Width)[] data)
    {
        List<NpyRowsFile> opened = [];
        string[] missing =
        [
            .. data.SelectMany(static d => new[] { d.Path, RowSums.PathOf(d.Path) }).Where(static path => !File.Exists(path)),
        ];
        try
        {
            foreach ((string path, ElementType type, long width) in data) opened.Add(OpenOrCreate(path, type, rows, width, identity));
            opened.Add(File.Exists(marks)
                ? NpyRowsFile.Open(marks, ElementType.Int32, rows, 1)
                : Create(marks, ElementType.Int32, rows, 1));
            MarkedRows marked = new([.. opened[..^1]], opened[^1]);
            if (missing.Length > 0 && marked.DoneCount > 0)
            {
                foreach (string path in missing) File.Delete(path);
                throw new SaveDirectoryException(
                    $"{string.Join(" and ", missing)} {(missing.Length == 1 ? "is" : "are")} missing, while {marks} says that "
                    + $"{marked.DoneCount} of {rows} rows are done; restore {(missing.Length == 1 ? "it" : "them")}, or {Remedy(marks)}");
            }

            marked.RequireSums();
            return marked;
        }
        catch
        {
            foreach (NpyRowsFile file in opened) file.Dispose();
            throw;
        }
    }

    /// <summary>What has rows done again that are lost or damaged.</summary>
    public static string Remedy(string array) =>
        $"`trakfast verify --save-dir {StorePaths.RootOf(array)} --repair` has what is lost done again.";

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
        double since = Stopwatch.GetElapsedTime(_lastCommit).TotalSeconds;
        if (DoneCount == Rows || since > Math.Max(LeastInterval, IntervalOverCost * _commitSeconds)) Commit();
    }

    /// <summary>Makes everything written durable, then marks it.</summary>
    public void Commit()
    {
        if (_unmarked.Count > 0)
        {
            long start = Stopwatch.GetTimestamp();
            _unmarked.Sort();
            foreach (NpyRowsFile file in _data)
            {
                file.RequireLength();
                file.Sums!.Save(_unmarked);
                file.Flush();
                file.Sums.Flush();
            }

            foreach ((_, long row, int count) in RowRuns.Of(_unmarked))
            {
                int[] ones = new int[count];
                Array.Fill(ones, 1);
                _marks.WriteElements<int>(row, ones);
            }

            _marks.Flush();
            _unmarked.Clear();
            _commitSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
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

    // A mark without a checksum is one that nobody set.
    private void RequireSums()
    {
        foreach (NpyRowsFile file in _data)
        {
            for (long row = 0; row < Rows; row++)
            {
                if (_done[row] && !file.Sums!.Has(row))
                    throw new SaveDirectoryException(
                        $"{_marks.Path} is damaged: row {row} is marked as done, and {file.Path} has no checksum of it; {Remedy(_marks.Path)}");
            }
        }
    }

    private static NpyRowsFile OpenOrCreate(string path, ElementType type, long rows, long width, string identity)
    {
        bool isNew = !File.Exists(path);
        NpyRowsFile file = isNew ? Create(path, type, rows, width) : NpyRowsFile.Open(path, type, rows, width);
        try
        {
            return file.With(isNew || !File.Exists(RowSums.PathOf(path))
                ? RowSums.Create(path, rows, identity)
                : RowSums.Open(path, rows, identity, FileAccess.ReadWrite));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static NpyRowsFile Create(string path, ElementType type, long rows, long width)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return NpyRowsFile.Create(path, type, rows, width);
    }
}
