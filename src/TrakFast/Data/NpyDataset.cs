using System.Security.Cryptography;
using System.Text;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>A set of examples in NPY files, one an array, read as batches without loading the rest.</summary>
public sealed class NpyDataset : ExampleSet
{
    private const long ScanBytes = 8 << 20;
    private readonly List<(string Name, NpyFile File)> _arrays = [];
    private long _count;

    private NpyDataset()
    {
    }

    /// <inheritdoc/>
    public override long Count => _count;

    /// <summary>Names of the arrays, in the order given.</summary>
    public override IReadOnlyList<string> Names => [.. _arrays.Select(static a => a.Name)];

    /// <summary>Opens the files of a set.</summary>
    /// <param name="files">Array names with their files, each [n, …].</param>
    /// <exception cref="InputException">A file cannot be read, or the files differ in their number of examples.</exception>
    public static NpyDataset Open(IEnumerable<(string Name, string Path)> files)
    {
        NpyDataset dataset = new();
        try
        {
            foreach ((string name, string path) in files) dataset._arrays.Add((name, NpyFile.Open(path)));
            if (dataset._arrays.Count == 0) throw new InputException("A set of examples needs at least one array; none was given.");
            foreach ((string name, NpyFile file) in dataset._arrays)
            {
                if (file.Shape.Count == 0 || file.Shape[0] == 0)
                    throw new InputException(
                        $"{file.Path} ('{name}') is {Shapes.Text(file.Shape)}; an array of one example or more is wanted.");
            }

            if (dataset._arrays.Select(static a => a.File.Shape[0]).Distinct().Count() > 1)
                throw new InputException(
                    "The arrays of a set differ in their number of examples: "
                    + $"{string.Join(", ", dataset._arrays.Select(static a => $"{a.Name} has {a.File.Shape[0]} ({a.File.Path})"))}.");
            dataset._count = dataset._arrays[0].File.Shape[0];
            return dataset;
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Batch Read(long start, long count) =>
        new(_arrays.Select(a => KeyValuePair.Create(a.Name, a.File.ReadRows(start, count))));

    /// <inheritdoc/>
    public override Batch Read(IReadOnlyList<long> rows) => new(_arrays.Select(a => KeyValuePair.Create(a.Name, a.File.ReadRows(rows))));

    /// <summary>One whole array, [n, …].</summary>
    /// <exception cref="InputException">There is no array of that name.</exception>
    public DataArray ReadAll(string name) => _arrays.FirstOrDefault(a => a.Name == name) is { File: not null } array
        ? array.File.ReadAll()
        : throw new InputException($"There is no array '{name}'; there are {string.Join(", ", Names)}.");

    /// <inheritdoc/>
    public override IEnumerable<(long First, Batch Arrays)> Blocks(IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.FirstOrDefault(name => !Names.Contains(name)) is { } missing)
            throw new InputException($"There is no array '{missing}'; there are {string.Join(", ", Names)}.");
        (string Name, NpyFile File)[] arrays = [.. _arrays.Where(a => names.Contains(a.Name))];
        if (arrays.Length == 0) yield break;
        long rows = arrays.Min(static a => RowsAtOnce(a.File));
        for (long start = 0; start < Count; start += rows)
            yield return (
                start, new Batch(arrays.Select(a => KeyValuePair.Create(a.Name, a.File.ReadRows(start, Math.Min(rows, Count - start))))));
    }

    /// <inheritdoc/>
    public override void Check(IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        foreach ((_, NpyFile file) in _arrays.Where(static a => a.File.Type.IsFloat()))
        {
            long width = Shapes.Count(file.Shape.Skip(1));
            float[] room = [];
            foreach ((long start, ReadOnlyMemory<byte> bytes) in Stretches(file))
            {
                cancellationToken.ThrowIfCancellationRequested();
                int length = bytes.Length / file.Type.Size();
                if (room.Length < length) room = new float[length];
                Span<float> values = room.AsSpan(0, length);
                new DataArray(file.Type, [length], bytes).CopyTo(values);
                int wrong = (int)FloatCheck.FirstNotFinite(values);
                if (wrong >= 0)
                    throw new InputException(
                        $"{file.Path} holds {values[wrong]} in example {start + (wrong / width)}; every number must be finite.");
            }
        }
    }

    /// <summary>Each array's first 16 hex digits of a SHA-256 over its type, shape and values.</summary>
    protected override IEnumerable<(string Name, string Path, string Hash)> Hashes(IReadOnlyCollection<string>? names = null) =>
        _arrays.Where(a => names is null || names.Contains(a.Name)).Select(a => (a.Name, a.File.Path, HashOf(a.File)));

    /// <inheritdoc/>
    protected override void RequireUnchangedFiles()
    {
        foreach ((_, NpyFile file) in _arrays) file.RequireUnchanged();
    }

    private string HashOf(NpyFile file)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{file.Type} {Shapes.Text(file.Shape)}\n"));
        foreach ((_, ReadOnlyMemory<byte> bytes) in Stretches(file)) hash.AppendData(bytes.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach ((_, NpyFile file) in _arrays) file.Dispose();
    }

    // The elements' bytes, a stretch of rows at a time, each in the place of the one before: what is looked through once
    // should not become garbage.
    private IEnumerable<(long First, ReadOnlyMemory<byte> Bytes)> Stretches(NpyFile file)
    {
        long rows = Math.Min(RowsAtOnce(file), Count), rowBytes = Shapes.Count(file.Shape.Skip(1)) * file.Type.Size();
        byte[] room = new byte[checked(rows * rowBytes)];
        for (long start = 0; start < Count; start += rows)
        {
            Memory<byte> bytes = room.AsMemory(0, (int)(Math.Min(rows, Count - start) * rowBytes));
            file.ReadRows(start, bytes.Span);
            yield return (start, bytes);
        }
    }

    private static long RowsAtOnce(NpyFile file) =>
        Math.Max(1, ScanBytes / Math.Max(1, Shapes.Count(file.Shape.Skip(1)) * file.Type.Size()));
}
