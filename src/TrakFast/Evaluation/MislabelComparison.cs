using TrakFast.Kernels;

namespace TrakFast.Evaluation;

/// <summary>
/// How well TRAK's self-influence and its baselines find the training examples whose label is wrong, from one save
/// directory.
/// </summary>
public sealed class MislabelComparison
{
    private readonly TrakStore _store;
    private readonly IKernelBackend _backend;
    private readonly ModelOutput? _task;

    /// <summary>Prepares a comparison.</summary>
    /// <param name="store">Features of the training examples.</param>
    /// <param name="backend">Does the arithmetic.</param>
    /// <param name="modelIds">Checkpoints to average; null for all.</param>
    /// <param name="task">The task of the features; null takes it from the store, which knows those of <see cref="Tasks"/>.</param>
    /// <exception cref="TrakException">There is no checkpoint.</exception>
    public MislabelComparison(TrakStore store, IKernelBackend backend, IReadOnlyList<int>? modelIds = null, ModelOutput? task = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(backend);
        (_store, _backend, _task) = (store, backend, task ?? StoredTask.Of(store));
        ModelIds = store.Models(modelIds);
    }

    /// <summary>Checkpoints that suspicions are averaged over.</summary>
    public IReadOnlyList<int> ModelIds { get; }

    /// <summary>Ranks the training examples by every method and holds the rankings against the truth.</summary>
    /// <param name="lambda">λ of TRAK.</param>
    /// <param name="mislabeled">Which labels are wrong, [n]; at least one and not all.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>Self-influence, the loss where the task tells it from Q (<see cref="ModelOutput.LossFromQ"/>), and chance.</returns>
    /// <exception cref="TrakException">
    /// Features are missing, a kernel matrix is not positive definite, there are more or fewer truths than training
    /// examples, or no label is wrong, or all are.
    /// </exception>
    public IReadOnlyList<MethodDetection> Measure(
        Lambda lambda, ReadOnlySpan<bool> mislabeled, CancellationToken cancellationToken = default)
    {
        if (mislabeled.Length != _store.TrainSetSize)
        {
            throw new TrakException(
                $"It was said of {mislabeled.Length} labels whether they are wrong; "
                + $"the store has {_store.TrainSetSize} training examples.");
        }

        TrakScorer scorer = new(_store, _backend, lambda, Weighting.Trak);
        float[] influence = scorer.SelfInfluence(ModelIds, cancellationToken);
        List<MethodDetection> methods = [new("TRAK self-influence", MislabelDetection.Compute(influence, mislabeled))];
        if (Losses() is { } losses) methods.Add(new("loss", MislabelDetection.Compute(losses, mislabeled)));
        float[] chance = Baselines.Random(mislabeled.Length, 1, seed: 1);
        methods.Add(new("random", MislabelDetection.Compute(chance, mislabeled)));
        return methods;
    }

    /// <summary>The loss of each training example, the mean over checkpoints.</summary>
    /// <returns>[n], or null where the task cannot tell it from the Q that the store keeps.</returns>
    /// <exception cref="TrakException">Examples are missing.</exception>
    public float[]? Losses()
    {
        if (_task is null) return null;
        double[] mean = new double[_store.TrainSetSize];
        foreach (int modelId in ModelIds)
        {
            _store.RequireFeaturized(modelId);
            if (_task.LossFromQ(_store.ReadOutToLoss(modelId)) is not { } losses) return null;
            for (int i = 0; i < mean.Length; i++) mean[i] += losses[i] / ModelIds.Count;
        }

        return [.. mean.Select(static loss => (float)loss)];
    }
}

/// <summary>How well a method finds wrong labels.</summary>
/// <param name="Method">The method.</param>
/// <param name="Detection">What it finds.</param>
public sealed record MethodDetection(string Method, MislabelDetection Detection);
