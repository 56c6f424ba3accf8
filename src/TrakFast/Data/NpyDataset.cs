using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>A set of examples in NPY files, one an array, read as batches without loading the rest.</summary>
public sealed class NpyDataset : IDisposable
{
    private const long ScanBytes = 8 << 20;
    private readonly List<(string Name, NpyFile File)> _arrays = [];

    private NpyDataset()
    {
    }

    /// <summary>Number of examples.</summary>
    public long Count { get; private set; }

    /// <summary>Names of the arrays, in the order given.</summary>
    public IReadOnlyList<string> Names => [.. _arrays.Select(static a => a.Name)];

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
            dataset.Count = dataset._arrays[0].File.Shape[0];
            return dataset;
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    /// <summary>A run of examples.</summary>
    public Batch Read(long start, long count) =>
        new(_arrays.Select(a => KeyValuePair.Create(a.Name, a.File.ReadRows(start, count))));

    /// <summary>The given examples, in that order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no example of such an index.</exception>
    public Batch Read(IReadOnlyList<long> rows) => new(_arrays.Select(a => KeyValuePair.Create(a.Name, a.File.ReadRows(rows))));

    /// <summary>One whole array, [n, …].</summary>
    /// <exception cref="InputException">There is no array of that name.</exception>
    public DataArray ReadAll(string name) => _arrays.FirstOrDefault(a => a.Name == name) is { File: not null } array
        ? array.File.ReadAll()
        : throw new InputException($"There is no array '{name}'; there are {string.Join(", ", Names)}.");

    /// <summary>All examples, in order.</summary>
    /// <param name="batchSize">Examples of a batch; the last may have fewer.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public IAsyncEnumerable<Batch> Batches(int batchSize, CancellationToken cancellationToken = default) =>
        Batches(batchSize, ExampleIndices.All, cancellationToken);

    /// <summary>Some examples, in the order named.</summary>
    /// <param name="batchSize">Examples of a batch; the last may have fewer.</param>
    /// <param name="examples">A range such as <c>100..200</c>, or an array of indices.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">The range does not lie in the set.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no example of such an index.</exception>
    public async IAsyncEnumerable<Batch> Batches(
        int batchSize, ExampleIndices examples, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        long count = examples.Count(Count);
        for (long start = 0; start < count; start += batchSize)
        {
            IReadOnlyList<long> rows = examples.Slice(Count, start, (int)Math.Min(batchSize, count - start));
            yield return await Task.Run(() => examples.IsList ? Read(rows) : Read(rows[0], rows.Count), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Some of the arrays, a stretch of examples at a time.</summary>
    /// <param name="names">Names of arrays.</param>
    /// <returns>The index of a stretch's first example, and its arrays; nothing without names.</returns>
    /// <exception cref="InputException">There is no array of such a name.</exception>
    public IEnumerable<(long First, Batch Arrays)> Blocks(IReadOnlyCollection<string> names)
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

    /// <summary>Looks through the floating-point arrays for numbers that are not finite.</summary>
    /// <exception cref="InputException">There is one; the sentence names its file and example.</exception>
    public void CheckFinite()
    {
        foreach ((_, NpyFile file) in _arrays.Where(static a => a.File.Type.IsFloat()))
        {
            long width = Shapes.Count(file.Shape.Skip(1));
            float[] room = [];
            foreach ((long start, ReadOnlyMemory<byte> bytes) in Stretches(file))
            {
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

    /// <summary>
    /// What tells one set from another: each array's name with the first 16 hex digits of a SHA-256 over its type, shape and values,
    /// <c>image=0123456789abcdef label=…</c>.
    /// </summary>
    public string Hash() => string.Join(' ', _arrays.Select(a => $"{a.Name}={HashOf(a.File)}"));

    /// <summary>Refuses arrays that are not those of a set that was hashed before. Arrays that it did not have are not looked at.</summary>
    /// <param name="hash">What <see cref="Hash"/> said of the set; anything else is not compared.</param>
    /// <param name="what">How the sentence begins: what this set is.</param>
    /// <exception cref="InputException">An array holds other values.</exception>
    public void RequireSame(string hash, string what)
    {
        ArgumentNullException.ThrowIfNull(hash);
        Dictionary<string, string> known = new(StringComparer.Ordinal);
        foreach (string part in hash.Split(' '))
        {
            int sign = part.LastIndexOf('=');
            if (sign > 0) known[part[..sign]] = part[(sign + 1)..];
        }

        foreach ((string name, NpyFile file) in _arrays)
        {
            if (known.TryGetValue(name, out string? was) && HashOf(file) is { } now && now != was)
                throw new InputException(
                    $"{what} holds other data than was scored: '{name}' ({file.Path}) has the hash {now}, and the run had {was}.");
        }
    }

    /// <summary>Refuses files that changed since they were opened.</summary>
    /// <param name="hash">What <see cref="Hash"/> said then.</param>
    /// <exception cref="InputException">A file holds something else now.</exception>
    public void RequireUnchanged(string hash)
    {
        foreach ((_, NpyFile file) in _arrays) file.RequireUnchanged();
        string now = Hash();
        if (now != hash)
            throw new InputException(
                $"The data changed while it was read: {hash} before, {now} now. What was made of it cannot be trusted; "
                + "start again in another save directory.");
    }

    private string HashOf(NpyFile file)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{file.Type} {Shapes.Text(file.Shape)}\n"));
        foreach ((_, ReadOnlyMemory<byte> bytes) in Stretches(file)) hash.AppendData(bytes.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <inheritdoc/>
    public void Dispose()
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
