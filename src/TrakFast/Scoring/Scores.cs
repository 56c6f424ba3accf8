using System.IO.MemoryMappedFiles;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Final scores τ [n, m], memory-mapped: row i is a training example, column j a target.</summary>
public sealed unsafe class Scores : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly float* _values;

    private Scores(string path, long trainSize, long targetCount, long dataOffset)
    {
        (TrainSize, TargetCount) = (trainSize, targetCount);
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _values = (float*)(start + dataOffset);
    }

    /// <summary>Train set size n.</summary>
    public long TrainSize { get; }

    /// <summary>Number of targets m.</summary>
    public long TargetCount { get; }

    /// <summary>The score of a training example for a target.</summary>
    public float this[long train, long target]
    {
        get
        {
            CheckTarget(target);
            ArgumentOutOfRangeException.ThrowIfNegative(train);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(train, TrainSize);
            return _values[(train * TargetCount) + target];
        }
    }

    /// <summary>The scores of one training example for every target, [m].</summary>
    public ReadOnlySpan<float> Row(long train)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(train);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(train, TrainSize);
        return new ReadOnlySpan<float>(_values + (train * TargetCount), checked((int)TargetCount));
    }

    /// <summary>The scores of every training example for one target, [n].</summary>
    public float[] Target(long target)
    {
        CheckTarget(target);
        float[] column = new float[TrainSize];
        for (long i = 0; i < TrainSize; i++) column[i] = _values[(i * TargetCount) + target];
        return column;
    }

    /// <summary>A target's strongest proponents, highest score first; ties to the lower index.</summary>
    public IReadOnlyList<TrainScore> Top(long target, int count) => Strongest(target, count, sign: 1);

    /// <summary>A target's strongest opponents, lowest score first; ties to the lower index.</summary>
    public IReadOnlyList<TrainScore> Bottom(long target, int count) => Strongest(target, count, sign: -1);

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>Opens the file of an experiment's scores.</summary>
    /// <exception cref="TrakException">The file is missing or is not float32 [n, m].</exception>
    internal static Scores Open(string path, long trainSize, long targetCount)
    {
        using NpyFile file = NpyFile.Open(path);
        if (file.Type != ElementType.Float32 || !file.Shape.SequenceEqual([trainSize, targetCount]))
            throw new TrakException($"{path} holds {file.Type} {Shapes.Text(file.Shape)}, where Float32 {Shapes.Text([trainSize, targetCount])} is wanted.");
        return new Scores(path, trainSize, targetCount, file.DataOffset);
    }

    private IReadOnlyList<TrainScore> Strongest(long target, int count, int sign)
    {
        CheckTarget(target);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        PriorityQueue<long, (float Strength, long Index)> kept = new();
        for (long i = 0; i < TrainSize; i++)
        {
            // The queue's head is the weakest kept; among equals the higher index leaves first.
            (float, long) strength = (sign * _values[(i * TargetCount) + target], -i);
            if (kept.Count < count) kept.Enqueue(i, strength);
            else kept.EnqueueDequeue(i, strength);
        }

        TrainScore[] result = new TrainScore[kept.Count];
        for (int r = result.Length - 1; r >= 0; r--)
        {
            long index = kept.Dequeue();
            result[r] = new TrainScore(index, _values[(index * TargetCount) + target]);
        }

        return result;
    }

    private void CheckTarget(long target)
    {
        if (target < 0 || target >= TargetCount)
            throw new TrakException($"There is no target {target}; the experiment has {TargetCount}, numbered from 0.");
    }
}
