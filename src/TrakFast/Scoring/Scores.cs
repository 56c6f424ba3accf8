using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// Final scores τ [n, m]: row i is a training example, column j a target. Every row is checked against its checksum when it is
/// read. Scores of up to 256 MiB are read once, when they are opened; larger ones stay on the disk and are read where they are asked for.
/// </summary>
public sealed class Scores : IDisposable
{
    private const long MostKept = 64 << 20;
    private const long BlockLength = 4 << 20;
    private readonly NpyRowsFile _file;
    private readonly float[]? _all;
    private bool _disposed;

    private Scores(NpyRowsFile file)
    {
        _file = file;
        if (TrainSize * TargetCount > MostKept) return;
        _all = new float[TrainSize * TargetCount];
        Read(0, _all);
    }

    private delegate void BlockAction(long first, ReadOnlySpan<float> rows);

    /// <summary>Train set size n.</summary>
    public long TrainSize => _file.Rows;

    /// <summary>Number of targets m.</summary>
    public long TargetCount => _file.Width;

    /// <summary>The score of a training example for a target.</summary>
    /// <exception cref="ObjectDisposedException">The scores are disposed.</exception>
    /// <exception cref="SaveDirectoryException">The file was cut short or damaged, or a score is not finite.</exception>
    public float this[long train, long target]
    {
        get
        {
            CheckTarget(target);
            return Row(train)[target];
        }
    }

    /// <summary>The scores of one training example for every target, [m].</summary>
    /// <exception cref="ObjectDisposedException">The scores are disposed.</exception>
    /// <exception cref="SaveDirectoryException">The file was cut short or damaged, or a score is not finite.</exception>
    public float[] Row(long train)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(train);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(train, TrainSize);
        float[] row = new float[TargetCount];
        if (_all is not null) _all.AsSpan(checked((int)(train * TargetCount)), row.Length).CopyTo(row);
        else Read(train, row);
        return row;
    }

    /// <summary>The scores of every training example for one target, [n].</summary>
    /// <exception cref="ObjectDisposedException">The scores are disposed.</exception>
    /// <exception cref="SaveDirectoryException">The file was cut short or damaged, or a score is not finite.</exception>
    public float[] Target(long target)
    {
        CheckTarget(target);
        float[] column = new float[TrainSize];
        EachBlock((first, rows) =>
        {
            for (int i = 0; i * TargetCount < rows.Length; i++) column[first + i] = rows[(int)((i * TargetCount) + target)];
        });
        return column;
    }

    /// <summary>A target's strongest proponents, highest score first; ties to the lower index.</summary>
    public IReadOnlyList<TrainScore> Top(long target, int count) => Strongest(target, count, sign: 1);

    /// <summary>A target's strongest opponents, lowest score first; ties to the lower index.</summary>
    public IReadOnlyList<TrainScore> Bottom(long target, int count) => Strongest(target, count, sign: -1);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _file.Dispose();
    }

    /// <summary>Opens the file of an experiment's scores, float32 [n, m], which then belongs to the result.</summary>
    /// <exception cref="SaveDirectoryException">The file was damaged, or a score is not finite.</exception>
    internal static Scores Open(NpyRowsFile file)
    {
        try
        {
            return new Scores(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private IReadOnlyList<TrainScore> Strongest(long target, int count, int sign)
    {
        CheckTarget(target);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        PriorityQueue<TrainScore, (float Strength, long Index)> kept = new();
        EachBlock((first, rows) =>
        {
            for (int i = 0; i * TargetCount < rows.Length; i++)
            {
                // The queue's head is the weakest kept; among equals the higher index leaves first.
                TrainScore score = new(first + i, rows[(int)((i * TargetCount) + target)]);
                (float, long) strength = (sign * score.Score, -score.Index);
                if (kept.Count < count) kept.Enqueue(score, strength);
                else kept.EnqueueDequeue(score, strength);
            }
        });
        TrainScore[] result = new TrainScore[kept.Count];
        for (int r = result.Length - 1; r >= 0; r--) result[r] = kept.Dequeue();
        return result;
    }

    private void EachBlock(BlockAction action)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_all is not null)
        {
            action(0, _all);
            return;
        }

        long rows = Math.Max(1, BlockLength / TargetCount);
        float[] block = new float[rows * TargetCount];
        for (long first = 0; first < TrainSize; first += rows)
        {
            Span<float> values = block.AsSpan(0, checked((int)(Math.Min(rows, TrainSize - first) * TargetCount)));
            Read(first, values);
            action(first, values);
        }
    }

    private void Read(long first, Span<float> rows)
    {
        _file.ReadRows(first, rows);
        int wrong = (int)FloatCheck.FirstNotFinite(rows);
        if (wrong >= 0)
            throw new SaveDirectoryException(
                $"{_file.Path} holds {rows[wrong]} as the score of training example {first + (wrong / TargetCount)} "
                + $"for target {wrong % TargetCount}; finalize the scores again.");
    }

    private void CheckTarget(long target)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (target < 0 || target >= TargetCount)
            throw new InputException($"There is no target {target}; the experiment has {TargetCount}, numbered from 0.");
    }
}
