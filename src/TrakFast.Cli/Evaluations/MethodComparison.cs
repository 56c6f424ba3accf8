using TrakFast.Evaluation;
using TrakFast.Kernels;

namespace TrakFast.Cli.Evaluations;

/// <summary>The LDS of TRAK in its variants and of its baselines, from one store's features and the same retrained models.</summary>
internal sealed class MethodComparison
{
    private readonly TrakStore _store;
    private readonly IKernelBackend _backend;
    private readonly string _experiment;

    public MethodComparison(TrakStore store, IKernelBackend backend, string experiment) =>
        (_store, _backend, _experiment) = (store, backend, experiment);

    /// <summary>Measures every method.</summary>
    /// <param name="lambda">λ of TRAK.</param>
    /// <param name="subsets">Subsets of the training examples.</param>
    /// <param name="margins">Margins of the models trained on them.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public IReadOnlyList<MethodLds> Measure(Lambda lambda, Subsets subsets, RetrainingMargins margins, CancellationToken cancellationToken)
    {
        int targets = checked((int)_store.TargetCount(_experiment));
        if (margins.Targets != targets) throw new TrakException($"The margins are of {margins.Targets} targets; experiment '{_experiment}' has {targets}.");
        if (subsets.Universe != _store.TrainSetSize) throw new TrakException($"The subsets are of {subsets.Universe} training examples; the store has {_store.TrainSetSize}.");
        float[] means = margins.Mean();
        LinearDatamodelingOptions options = new() { Workers = _backend.Workers };
        List<MethodLds> results = [];
        foreach ((string name, bool isOwn, Func<RowBlockReader?> scores) in Methods(lambda, targets, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            results.Add(scores() is { } reader
                ? new MethodLds(name, LinearDatamodelingScore.Compute(reader, subsets, means, options, cancellationToken), isOwn)
                : new MethodLds(name, null, isOwn));
        }

        return results;
    }

    /// <summary>Suspicion of each training example's label by method, higher for more suspicious, [n].</summary>
    public IReadOnlyList<(string Method, float[] Suspicion)> Suspicions(Lambda lambda, CancellationToken cancellationToken)
    {
        int n = checked((int)_store.TrainSetSize);
        double[] loss = new double[n];
        foreach (int modelId in _store.ModelIds)
        {
            // Q = 1 − p, so the loss of an example is −log(1 − Q).
            float[] outToLoss = _store.ReadOutToLoss(modelId);
            for (int i = 0; i < n; i++) loss[i] -= Math.Log(Math.Max(1 - outToLoss[i], float.Epsilon)) / _store.ModelIds.Count;
        }

        TrakScorer scorer = new(_store, _backend, lambda, Weighting.Trak);
        return
        [
            ("TRAK self-influence", scorer.SelfInfluence(cancellationToken: cancellationToken)),
            ("loss", [.. loss.Select(static l => (float)l)]),
            ("random", Baselines.Random(n, 1, seed: 1)),
        ];
    }

    private IEnumerable<(string Name, bool IsOwn, Func<RowBlockReader?> Scores)> Methods(Lambda lambda, int targets, CancellationToken cancellationToken)
    {
        yield return ("TRAK", true, () => Trak(lambda, Weighting.Trak, cancellationToken));
        if (_store.Scaling == ScoreScaling.Unit) yield return ("TRAK, loss weighting", true, () => Trak(lambda, Weighting.Loss, cancellationToken));
        yield return ("TRAK at λ = 0", false, () => Unregularized(cancellationToken));
        yield return ("gradient dot product", false, GradientDot);
        yield return ("random", false, () => Baselines.Random(targets, seed: 1));
    }

    // Most networks' features leave some direction empty, and then there is no such thing.
    private RowBlockReader? Unregularized(CancellationToken cancellationToken)
    {
        try
        {
            return Trak(Lambda.Absolute(0), Weighting.Trak, cancellationToken);
        }
        catch (SingularKernelException)
        {
            return null;
        }
    }

    private RowBlockReader Trak(Lambda lambda, Weighting weighting, CancellationToken cancellationToken)
    {
        int targets = checked((int)_store.TargetCount(_experiment));
        float[] scores = new float[checked(_store.TrainSetSize * targets)];
        TileSink sink = new(targets, (firstRow, tile) => tile.CopyTo(scores.AsSpan(checked((int)(firstRow * targets)))));
        new TrakScorer(_store, _backend, lambda, weighting).Score(_experiment, sink, cancellationToken: cancellationToken);
        return RowBlocks.From(scores, targets);
    }

    private RowBlockReader GradientDot()
    {
        int k = _store.ProjectionDimension;
        List<CheckpointFeatures> checkpoints = [];
        foreach (int modelId in _store.ModelIds)
        {
            float[] train = Rows(_store.ReadFeatures(modelId));
            float[] targets = Rows(_store.ReadTargetFeatures(modelId, _experiment));
            checkpoints.Add(new CheckpointFeatures(RowBlocks.From(train, k), targets, k, _store.ReadOutToLoss(modelId)));
        }

        return Baselines.GradientDotProduct(checkpoints, _backend.Workers);
    }

    private static float[] Rows(NpyRowsFile file)
    {
        using (file)
        {
            float[] rows = new float[checked(file.Rows * file.Width)];
            file.ReadRows(0, rows);
            return rows;
        }
    }
}

/// <summary>A method's LDS, or null where the method cannot be computed from the store.</summary>
/// <param name="Name">The method.</param>
/// <param name="Lds">Its score with its interval.</param>
/// <param name="IsOwn">Whether it is TrakFast's own recommendation rather than a baseline.</param>
internal sealed record MethodLds(string Name, LinearDatamodelingScore? Lds, bool IsOwn);
