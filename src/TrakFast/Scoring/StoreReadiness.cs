using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Whether a store has what a step of scoring needs; each refusal says what to do first.</summary>
internal static class StoreReadiness
{
    /// <summary>The checkpoints asked for, or all there are.</summary>
    /// <exception cref="SaveDirectoryException">There is none.</exception>
    public static IReadOnlyList<int> Models(this TrakStore store, IReadOnlyList<int>? modelIds)
    {
        IReadOnlyList<int> models = modelIds ?? store.ModelIds;
        return models.Count > 0
            ? models
            : throw new SaveDirectoryException($"{store.SaveDirectory} has no checkpoint to score with; featurize one first.");
    }

    /// <summary>Every training example must be featurized under a checkpoint.</summary>
    public static void RequireFeaturized(this TrakStore store, int modelId)
    {
        store.Model(modelId);
        (long done, long first) = Marks(store.Paths.IsFeaturized(modelId), store.TrainSetSize);
        if (first >= 0)
            throw new SaveDirectoryException(
                $"Model {modelId} has {done} of {store.TrainSetSize} training examples featurized (example {first} is the first missing); "
                + "featurize the rest first.");
    }

    /// <summary>A checkpoint must be finalized with this λ and this weighting.</summary>
    public static void RequireFinalized(this TrakStore store, int modelId, Lambda lambda, Weighting weighting)
    {
        (Lambda Lambda, double Absolute, Weighting Weighting) was = store.FinalizationOf(modelId)
            ?? throw new SaveDirectoryException($"Model {modelId} is not finalized; call FinalizeFeatures before finalizing scores.");
        if (was.Lambda != lambda || was.Weighting != weighting)
            throw new SaveDirectoryException(
                $"Model {modelId} was finalized with λ = {was.Lambda} and {TrakWords.Weightings.Word(was.Weighting)} weighting, "
                + $"now λ = {lambda} and {TrakWords.Weightings.Word(weighting)} weighting are asked for; finalize it again.");
    }

    /// <summary>Every target of an experiment must have been scored under a checkpoint.</summary>
    public static void RequireTargets(this TrakStore store, int modelId, string experiment)
    {
        if (!File.Exists(store.Paths.TargetGradients(modelId, experiment)))
            throw new SaveDirectoryException(
                $"Model {modelId} has not scored experiment '{experiment}' yet; start with StartScoringCheckpoint.");

        // MadryLab/trak keeps no marks for targets: what it wrote is taken as whole.
        string marks = store.Paths.TargetMarks(modelId, experiment);
        if (!store.Run.IsOurs && !File.Exists(marks)) return;
        long m = store.TargetCount(experiment);
        (long done, long first) = Marks(marks, m);
        if (first >= 0)
            throw new SaveDirectoryException(
                $"Model {modelId} has {done} of {m} targets of experiment '{experiment}' scored "
                + $"(target {first} is the first missing); score the rest first.");
    }

    private static (long Done, long FirstMissing) Marks(string path, long rows)
    {
        if (!File.Exists(path)) return (0, 0);
        using NpyRowsFile file = NpyRowsFile.Open(path, ElementType.Int32, rows, 1, FileAccess.Read);
        int[] marks = new int[rows];
        file.ReadElements<int>(0, marks);
        return (marks.LongCount(static mark => mark != 0), Array.IndexOf(marks, 0));
    }
}
