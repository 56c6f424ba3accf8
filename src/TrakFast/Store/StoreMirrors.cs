using System.Text.Json;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// The JSON files that follow from <c>trakfast.json</c>: those that MadryLab/trak reads, and what made scores, beside them.
/// </summary>
internal static class StoreMirrors
{
    /// <summary>All of them, each with what it may hold.</summary>
    public static IEnumerable<(string Path, IReadOnlyList<byte[]> Allowed)> All(TrakStore store)
    {
        yield return (store.Paths.Metadata, [Metadata(store)]);
        foreach (int modelId in store.ModelIds)
        {
            // Whether a checkpoint is featurized is known for sure when it is finalized.
            bool[] allowed = store.Model(modelId).Finalized is null ? [false, true] : [true];
            yield return (store.Paths.ModelFlags(modelId), [.. allowed.Select(isFeaturized => ModelFlags(store, modelId, isFeaturized))]);
        }

        foreach (string experiment in store.Experiments)
        {
            if (ScoresNote(store, experiment) is { } note) yield return (store.Paths.ScoresNote(experiment), [note]);
        }

        if (store.Experiments.Count > 0) yield return (store.Paths.Experiments, [Experiments(store)]);
    }

    /// <summary>metadata.json.</summary>
    public static byte[] Metadata(TrakStore store) => JsonSerializer.SerializeToUtf8Bytes(
        new TrakMetadata
        {
            Dimension = store.ProjectionDimension,
            MatrixType = ProjectionFamily.Of(store.Projection).TrakWord,
            TrainSetSize = store.TrainSetSize,
        },
        StoreJson.Default.TrakMetadata);

    /// <summary>id_N.json.</summary>
    public static byte[] ModelFlags(TrakStore store, int modelId, bool isFeaturized) => JsonSerializer.SerializeToUtf8Bytes(
        new Dictionary<string, TrakModelFlags>
        {
            [$"{modelId}"] = new TrakModelFlags
            {
                IsFeaturized = isFeaturized ? 1 : 0,
                IsFinalized =
                    isFeaturized && store.Model(modelId).Finalized is not null && store.Scaling == ScoreScaling.TrakPython ? 1 : 0,
            },
        },
        StoreJson.Default.DictionaryStringTrakModelFlags);

    /// <summary>experiments.json.</summary>
    public static byte[] Experiments(TrakStore store) => JsonSerializer.SerializeToUtf8Bytes(
        store.Experiments.ToDictionary(static name => name, name => new TrakExperiment
        {
            NumTargets = store.TargetCount(name),
            ScoresPath = $"scores/{name}.mmap",
            ScoresFinalized = store.Experiment(name).Scores is null ? 0 : 1,
        }),
        StoreJson.Default.DictionaryStringTrakExperiment);

    /// <summary>scores/NAME.json, or null where an experiment has no scores that TrakFast made.</summary>
    public static byte[]? ScoresNote(TrakStore store, string experiment)
    {
        ExperimentRecord record = store.Experiment(experiment);
        if (store.IsForeign || record.Scores is null) return null;
        ScoresNote note = new()
        {
            Experiment = experiment,
            Shape = [store.TrainSetSize, record.Targets],
            Scores = record.Scores,
            TargetSetId = record.TargetSetId,
            Run = store.Run,
        };
        return JsonSerializer.SerializeToUtf8Bytes(note, StoreJson.Default.ScoresNote);
    }
}
