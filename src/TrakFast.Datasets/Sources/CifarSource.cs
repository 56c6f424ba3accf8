using Microsoft.Win32.SafeHandles;

namespace TrakFast.Datasets;

/// <summary>
/// CIFAR's binary files: records of one byte for the class (two for CIFAR-100, of which the second is the fine class) and 3,072 for a
/// picture of 32 by 32. Columns are <c>image</c> and <c>label</c>, and <c>coarse_label</c> for CIFAR-100.
/// </summary>
public sealed class CifarSource : RowSource
{
    private const int Side = 32, Pixels = 3 * Side * Side;
    private readonly SafeFileHandle _handle;
    private readonly int _labelBytes;
    private readonly string[]? _names;
    private readonly string[]? _coarseNames;

    private CifarSource(string path, SafeFileHandle handle, int labelBytes, long count)
    {
        (Name, _handle, _labelBytes, Count) = (path, handle, labelBytes, count);
        Columns = labelBytes == 1 ? ["image", "label"] : ["image", "label", "coarse_label"];
        string folder = Path.GetDirectoryName(path) ?? string.Empty;
        _names = Names(Path.Combine(folder, labelBytes == 1 ? "batches.meta.txt" : "fine_label_names.txt"));
        _coarseNames = labelBytes == 1 ? null : Names(Path.Combine(folder, "coarse_label_names.txt"));
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files => [(Path.GetFileName(Name), Name)];

    /// <summary>Opens one file.</summary>
    /// <param name="path">A <c>.bin</c> of CIFAR-10 or CIFAR-100.</param>
    /// <exception cref="TrakException">The file cannot be read, or its size is not that of records.</exception>
    public static CifarSource Open(string path)
    {
        try
        {
            SafeFileHandle handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
            try
            {
                long length = RandomAccess.GetLength(handle);
                int labelBytes = length > 0 && length % (Pixels + 1) == 0 && AreClasses(handle, length) ? 1
                    : length > 0 && length % (Pixels + 2) == 0 ? 2
                    : throw new InputException(
                        $"{path} has {length} bytes, which are no CIFAR file: its records have {Pixels + 1} bytes (CIFAR-10) or {Pixels + 2} (CIFAR-100).");
                return new CifarSource(path, handle, labelBytes, length / (Pixels + labelBytes));
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception))
        {
            throw FileAccessErrors.Explain("read", path, exception);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string>? LabelNames(string column) => column == "label" ? _names : column == "coarse_label" ? _coarseNames : null;

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.FirstOrDefault(column => !Columns.Contains(column)) is { } missing) throw NoColumn(missing);
        byte[] record = new byte[Pixels + _labelBytes];
        List<object?[]> result = new(rows.Count);
        foreach (long row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
            try
            {
                if (RandomAccess.Read(_handle, record, row * record.Length) != record.Length)
                    throw new InputException($"{Name} became shorter while it was read.");
            }
            catch (Exception exception) when (FileAccessErrors.Covers(exception))
            {
                throw FileAccessErrors.Explain("read", Name, exception);
            }

            result.Add([.. columns.Select(column => column switch
            {
                "image" => Image(record.AsSpan(_labelBytes)),
                "label" => (object?)(long)record[_labelBytes - 1],
                _ => (long)record[0],
            })]);
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _handle.Dispose();

    // A file of 3,073 records of CIFAR-100 has the size of 3,074 of CIFAR-10.
    private static bool AreClasses(SafeFileHandle handle, long length)
    {
        Span<byte> label = stackalloc byte[1];
        for (long record = 0; record < Math.Min(100, length / (Pixels + 1)); record++)
        {
            if (RandomAccess.Read(handle, label, record * (Pixels + 1)) != 1 || label[0] > 9) return false;
        }

        return true;
    }

    private static string[]? Names(string path)
    {
        try
        {
            return File.Exists(path) ? [.. File.ReadLines(path).Select(static l => l.Trim()).Where(static l => l.Length > 0)] : null;
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception))
        {
            throw FileAccessErrors.Explain("read", path, exception);
        }
    }

    // Planes of red, green and blue.
    private static Picture Image(ReadOnlySpan<byte> planes)
    {
        byte[] pixels = new byte[Pixels];
        for (int i = 0; i < Side * Side; i++)
        {
            for (int channel = 0; channel < 3; channel++) pixels[(3 * i) + channel] = planes[(channel * Side * Side) + i];
        }

        return new Picture(Side, Side, pixels);
    }
}
