using TrakFast.Kernels;

namespace TrakFast.Tests.Support;

/// <summary>A store filled from arrays, for tests of the scoring mathematics without a model.</summary>
internal static class HandStore
{
    public static TrakStore Create(
        string directory, int k, IReadOnlyList<(float[] Features, float[] OutToLoss, float[] Targets)> models,
        ScoreScaling scaling = ScoreScaling.Unit, string experiment = "val", ModelOutput? task = null)
    {
        int n = models[0].OutToLoss.Length;
        int m = models[0].Targets.Length / k;
        TrakStore store = TrakStore.OpenOrCreate(directory, Identity(n, k, scaling, task), "managed float32", mixEngines: false);
        store.Set(experiment, new ExperimentRecord { Targets = m });
        for (int model = 0; model < models.Count; model++)
        {
            store.Set(model, new ModelRecord { Weights = $"{model}" }, isFeaturized: true);
            long[] rows = [.. Enumerable.Range(0, n).Select(static i => (long)i)];
            using (MarkedRows train = MarkedRows.Open(
                store.Paths.IsFeaturized(model), n, store.RowsIdentity(model), (store.Paths.Gradients(model), ElementType.Float32, k),
                (store.Paths.OutToLoss(model), ElementType.Float32, 1)))
            {
                train.Write(0, rows, models[model].Features);
                train.Write(1, rows, models[model].OutToLoss);
                train.Mark(rows);
            }

            using MarkedRows targets = MarkedRows.Open(
                store.Paths.TargetMarks(model, experiment), m, store.RowsIdentity(model),
                (store.Paths.TargetGradients(model, experiment), ElementType.Float32, k));
            targets.Write(0, rows[..m], models[model].Targets);
            targets.Mark(rows[..m]);
        }

        return store;
    }

    public static RunIdentity Identity(long n, int k, ScoreScaling scaling = ScoreScaling.Unit, ModelOutput? task = null) => new()
    {
        Task = task?.Name ?? "hand",
        TaskSettings = new SortedDictionary<string, string>(task?.Settings.ToDictionary() ?? [], StringComparer.Ordinal),
        TrainSetSize = n,
        Projection = "none",
        ProjectionDimension = k,
        Sparsity = 1,
        Seed = 0,
        Scaling = TrakWords.Scalings.Word(scaling),
        Precision = "float32",
        GradientDimension = k,
        Parameters = "hand",
    };
}
