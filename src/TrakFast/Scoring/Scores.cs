using System.IO.MemoryMappedFiles;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Final scores τ [n, m], memory-mapped: row i is a training example, column j a target.</summary>
public sealed unsafe class Scores : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly long _dataOffset;

    private Scores(string path, long trainSize, long targetCount, long dataOffset)
    {
        (TrainSize, TargetCount, _dataOffset) = (trainSize, targetCount, dataOffset);
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    /// <summary>Train set size n.</summary>
    public long TrainSize { get; }

    /// <summary>Number of targets m.</summary>
    public long TargetCount { get; }

    /// <summary>The score of a training example for a target.</summary>
    /// <exception cref="ObjectDisposedException">The scores are disposed.</exception>
    public float this[long train, long target]
    {
        get
        {
            CheckTarget(target);
            CheckTrain(train);
            using Mapped values = new(this);
            return values.Pointer[(train * TargetCount) + target];
        }
    }

    /// <summary>The scores of one training example for every target, [m].</summary>
    /// <exception cref="ObjectDisposedException">The scores are disposed.</exception>
    public float[] Row(long train)
    {
        CheckTrain(train);
        using Mapped values = new(this);
        return new ReadOnlySpan<float>(values.Pointer + (train * TargetCount), checked((int)TargetCount)).ToArray();
    }

    /// <summary>The scores of every training example for one target, [n].</summary>
    /// <exception cref="ObjectDisposedException">The scores are disposed.</exception>
    public float[] Target(long target)
    {
        CheckTarget(target);
        using Mapped values = new(this);
        float[] column = new float[TrainSize];
        for (long i = 0; i < TrainSize; i++) column[i] = values.Pointer[(i * TargetCount) + target];
        return column;
    }

    /// <summary>A target's strongest proponents, highest score first; ties to the lower index.</summary>
    public IReadOnlyList<TrainScore> Top(long target, int count) => Strongest(target, count, sign: 1);

    /// <summary>A target's strongest opponents, lowest score first; ties to the lower index.</summary>
    public IReadOnlyList<TrainScore> Bottom(long target, int count) => Strongest(target, count, sign: -1);

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>Opens the file of an experiment's scores.</summary>
    /// <exception cref="SaveDirectoryException">The file is missing or is not float32 [n, m].</exception>
    internal static Scores Open(string path, long trainSize, long targetCount)
    {
        using NpyFile file = NpyFile.Open(path);
        if (file.Type != ElementType.Float32 || !file.Shape.SequenceEqual([trainSize, targetCount]))
            throw new SaveDirectoryException(
                $"{path} holds {file.Type} {Shapes.Text(file.Shape)}, where Float32 {Shapes.Text([trainSize, targetCount])} is wanted.");
        return new Scores(path, trainSize, targetCount, file.DataOffset);
    }

    private IReadOnlyList<TrainScore> Strongest(long target, int count, int sign)
    {
        CheckTarget(target);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        using Mapped values = new(this);
        PriorityQueue<long, (float Strength, long Index)> kept = new();
        for (long i = 0; i < TrainSize; i++)
        {
            // The queue's head is the weakest kept; among equals the higher index leaves first.
            (float, long) strength = (sign * values.Pointer[(i * TargetCount) + target], -i);
            if (kept.Count < count) kept.Enqueue(i, strength);
            else kept.EnqueueDequeue(i, strength);
        }

        TrainScore[] result = new TrainScore[kept.Count];
        for (int r = result.Length - 1; r >= 0; r--)
        {
            long index = kept.Dequeue();
            result[r] = new TrainScore(index, values.Pointer[(index * TargetCount) + target]);
        }

        return result;
    }

    private void CheckTarget(long target)
    {
        if (target < 0 || target >= TargetCount)
            throw new InputException($"There is no target {target}; the experiment has {TargetCount}, numbered from 0.");
    }

    private void CheckTrain(long train)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(train);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(train, TrainSize);
    }

    /// <summary>Holds the mapping while it is read, so that nobody can take it away meanwhile.</summary>
    private readonly ref struct Mapped
    {
        private readonly Scores _scores;

        public Mapped(Scores scores)
        {
            ObjectDisposedException.ThrowIf(scores._view.SafeMemoryMappedViewHandle.IsClosed, scores);
            _scores = scores;
            byte* start = null;
            scores._view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            Pointer = (float*)(start + scores._dataOffset);
        }

        public float* Pointer { get; }

        public void Dispose() => _scores._view.SafeMemoryMappedViewHandle.ReleasePointer();
    }
}
