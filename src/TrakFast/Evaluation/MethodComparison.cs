using TrakFast.Kernels;

namespace TrakFast.Evaluation;

/// <summary>
/// The LDS of TRAK in its variants and of its baselines, from the features of one save directory and the same retrained
/// models. Scores and features stream by in blocks of rows: neither [n, m] nor [n, k] is ever held.
/// </summary>
public sealed class MethodComparison
{
    private readonly TrakStore _store;
    private readonly IKernelBackend _backend;
    private readonly string _experiment;
    private readonly Subsets _subsets;
    private readonly float[] _margins;
    private readonly int _targets;

    /// <summary>Prepares a comparison.</summary>
    /// <param name="store">Features of training examples and targets.</param>
    /// <param name="backend">Does the arithmetic.</param>
    /// <param name="experiment">Name of the set of targets.</param>
    /// <param name="subsets">S subsets of the n training examples.</param>
    /// <param name="margins">Margins of the models trained on them, [R, S, m].</param>
    /// <param name="modelIds">Checkpoints to average; null for those of the experiment's final scores, or all where it has none.</param>
    /// <exception cref="TrakException">There is no such experiment, or the sizes do not fit.</exception>
    public MethodComparison(
        TrakStore store, IKernelBackend backend, string experiment, Subsets subsets, RetrainingMargins margins,
        IReadOnlyList<int>? modelIds = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(subsets);
        ArgumentNullException.ThrowIfNull(margins);
        _targets = checked((int)store.TargetCount(experiment));
        if (margins.Targets != _targets)
            throw new TrakException($"The margins are of {margins.Targets} targets; experiment '{experiment}' has {_targets}.");
        if (margins.Subsets != subsets.Count)
            throw new TrakException($"The margins are of models trained on {margins.Subsets} subsets; there are {subsets.Count} subsets.");
        if (subsets.Universe != store.TrainSetSize)
            throw new TrakException($"The subsets are of {subsets.Universe} training examples; the store has {store.TrainSetSize}.");
        (_store, _backend, _experiment, _subsets, _margins) = (store, backend, experiment, subsets, margins.Mean());
        ModelIds = store.Models(modelIds ?? store.Experiment(experiment).Scores?.Models);
    }

    /// <summary>Checkpoints whose scores are averaged.</summary>
    public IReadOnlyList<int> ModelIds { get; }

    /// <summary>
    /// Measures every method: TRAK with either weighting (that of the loss in unit scaling alone), TRAK at λ = 0, gradient
    /// dot products and random scores.
    /// </summary>
    /// <param name="lambda">λ of TRAK.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>The methods, TrakFast's own first. TRAK at λ = 0 has no LDS where a kernel matrix is singular without λ.</returns>
    /// <exception cref="TrakException">Features are missing, or a kernel matrix is not positive definite.</exception>
    public IReadOnlyList<MethodLds> Measure(Lambda lambda, CancellationToken cancellationToken = default)
    {
        List<MethodLds> methods = [new("TRAK", Trak(lambda, Weighting.Trak, null, cancellationToken), IsOwn: true)];
        if (_store.Scaling == ScoreScaling.Unit)
            methods.Add(new("TRAK, loss weighting", Trak(lambda, Weighting.Loss, null, cancellationToken), IsOwn: true));
        methods.Add(new("TRAK at λ = 0", Unregularized(cancellationToken), IsOwn: false));
        methods.Add(new("gradient dot product", GradientDotProduct(cancellationToken), IsOwn: false));
        methods.Add(new("random", Lds(Baselines.Random(_targets, seed: 1), cancellationToken), IsOwn: false));
        return methods;
    }

    /// <summary>Measures TRAK.</summary>
    /// <param name="lambda">The regularizer.</param>
    /// <param name="weighting">Where Q enters.</param>
    /// <param name="modelIds">Checkpoints to average; null for <see cref="ModelIds"/>.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrakException">
    /// Features are missing, a kernel matrix is not positive definite, or loss weighting is asked of a store in TRAK scaling.
    /// </exception>
    public LinearDatamodelingScore Trak(
        Lambda lambda, Weighting weighting, IReadOnlyList<int>? modelIds = null, CancellationToken cancellationToken = default)
    {
        using SubsetPredictions predictions = new(_subsets, _targets, _backend.Workers);
        TrakScorer scorer = new(_store, _backend, lambda, weighting);
        scorer.Score(_experiment, predictions.Sink, modelIds ?? ModelIds, cancellationToken: cancellationToken);
        return LinearDatamodelingScore.Compute(predictions, _margins, Options, cancellationToken);
    }

    /// <summary>Measures gradient dot products, weighted by Q; see <see cref="Baselines.GradientDotProduct"/>.</summary>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrakException">Features are missing.</exception>
    public LinearDatamodelingScore GradientDotProduct(CancellationToken cancellationToken = default)
    {
        foreach (int modelId in ModelIds)
        {
            _store.RequireFeaturized(modelId);
            _store.RequireTargets(modelId, _experiment);
        }

        using FeatureFiles files = new(ModelIds.Select(_store.ReadFeatures));
        CheckpointFeatures[] checkpoints = [.. ModelIds.Select((modelId, model) =>
            new CheckpointFeatures(files[model].ReadRows, Targets(modelId), _store.ProjectionDimension, _store.ReadOutToLoss(modelId)))];
        return Lds(Baselines.GradientDotProduct(checkpoints, _backend.Workers), cancellationToken);
    }

    private LinearDatamodelingOptions Options => new() { Workers = _backend.Workers };

    private LinearDatamodelingScore Lds(RowBlockReader scores, CancellationToken cancellationToken) =>
        LinearDatamodelingScore.Compute(scores, _subsets, _margins, Options, cancellationToken);

    // Most networks' features leave some direction empty, and then there is no such thing.
    private LinearDatamodelingScore? Unregularized(CancellationToken cancellationToken)
    {
        try
        {
            return Trak(Lambda.Absolute(0), Weighting.Trak, null, cancellationToken);
        }
        catch (SingularKernelException)
        {
            return null;
        }
    }

    private float[] Targets(int modelId)
    {
        using NpyRowsFile file = _store.ReadTargetFeatures(modelId, _experiment);
        float[] rows = new float[checked(file.Rows * file.Width)];
        file.ReadRows(0, rows);
        return rows;
    }
}

/// <summary>A method's LDS, or null where the method cannot be computed from the store.</summary>
/// <param name="Name">The method.</param>
/// <param name="Lds">Its score with its interval.</param>
/// <param name="IsOwn">Whether it is TrakFast's own recommendation rather than a baseline.</param>
public sealed record MethodLds(string Name, LinearDatamodelingScore? Lds, bool IsOwn);
