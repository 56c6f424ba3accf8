using System.Runtime.CompilerServices;

namespace TrakFast;

/// <summary>A set of examples of known length, of which any can be read: named arrays that share their first axis.</summary>
public abstract class ExampleSet : IDisposable
{
    /// <summary>Number of examples.</summary>
    public abstract long Count { get; }

    /// <summary>Names of the arrays.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>A run of examples.</summary>
    /// <param name="start">The first.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="TrakException">One cannot be read.</exception>
    public abstract Batch Read(long start, long count);

    /// <summary>The given examples, in that order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no example of such an index.</exception>
    /// <exception cref="TrakException">One cannot be read.</exception>
    public abstract Batch Read(IReadOnlyList<long> rows);

    /// <summary>Some of the arrays, a stretch of examples at a time.</summary>
    /// <param name="names">Names of arrays.</param>
    /// <returns>The index of a stretch's first example, and its arrays; nothing without names.</returns>
    /// <exception cref="InputException">There is no array of such a name.</exception>
    public abstract IEnumerable<(long First, Batch Arrays)> Blocks(IReadOnlyCollection<string> names);

    /// <summary>Looks through the set for what no run could use: numbers that are not finite, examples that cannot be read.</summary>
    /// <param name="progress">Told how many examples were looked at, where that takes long.</param>
    /// <param name="cancellationToken">Stops between examples.</param>
    /// <exception cref="TrakException">There is one; the sentence names its file and example.</exception>
    public abstract void Check(IProgress<long>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>What tells one set from another: each part's name with 16 hex digits, <c>image=0123456789abcdef label=…</c>.</summary>
    public string Hash() => string.Join(' ', Hashes().Select(static part => $"{part.Name}={part.Hash}"));

    /// <summary>Refuses a set that is not the one that was hashed before. Parts that it did not have are not looked at.</summary>
    /// <param name="hash">What <see cref="Hash"/> said of the set; anything else is not compared.</param>
    /// <param name="what">How the sentence begins: what this set is.</param>
    /// <exception cref="InputException">A part holds other values.</exception>
    public void RequireSame(string hash, string what)
    {
        ArgumentNullException.ThrowIfNull(hash);
        Dictionary<string, string> known = new(StringComparer.Ordinal);
        foreach (string part in hash.Split(' '))
        {
            int sign = part.LastIndexOf('=');
            if (sign > 0) known[part[..sign]] = part[(sign + 1)..];
        }

        foreach ((string name, string path, string now) in Hashes(known.Keys))
        {
            if (known.TryGetValue(name, out string? was) && now != was)
                throw new InputException(
                    $"{what} holds other data than was scored: '{name}' ({path}) has the hash {now}, and the run had {was}.");
        }
    }

    /// <summary>Refuses files that changed since they were opened.</summary>
    /// <param name="hash">What <see cref="Hash"/> said then.</param>
    /// <exception cref="InputException">A file holds something else now.</exception>
    public void RequireUnchanged(string hash)
    {
        RequireUnchangedFiles();
        string now = Hash();
        if (now != hash)
            throw new InputException(
                $"The data changed while it was read: {hash} before, {now} now. What was made of it cannot be trusted; "
                + "start again in another save directory.");
    }

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

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The parts that tell this set from another, each with its file.</summary>
    /// <param name="names">The parts that are wanted; null for all.</param>
    protected abstract IEnumerable<(string Name, string Path, string Hash)> Hashes(IReadOnlyCollection<string>? names = null);

    /// <summary>Refuses files that were written or replaced since they were opened.</summary>
    protected abstract void RequireUnchangedFiles();

    /// <summary>Closes the files.</summary>
    /// <param name="disposing">Always true.</param>
    protected abstract void Dispose(bool disposing);
}
