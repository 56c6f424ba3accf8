using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Describes a save directory that MadryLab/trak wrote, from the files it keeps.</summary>
internal static class ForeignStore
{
    public static RunManifest Describe(StorePaths paths)
    {
        TrakMetadata metadata = JsonFile.Read(paths.Metadata, StoreJson.Default.TrakMetadata);
        SortedDictionary<int, ModelRecord> models = [];
        foreach (string file in Directory.EnumerateFiles(paths.Root, "id_*.json"))
        {
            foreach (string id in JsonFile.Read(file, StoreJson.Default.DictionaryStringTrakModelFlags).Keys)
            {
                if (!int.TryParse(id, out int modelId))
                    throw new SaveDirectoryException($"{file} names a model '{id}'; a whole number is wanted.");
                models[modelId] = new ModelRecord { Weights = "unknown" };
            }
        }

        if (models.Count == 0) throw new SaveDirectoryException($"{paths.Root} has no id_N.json: there is no model in it.");
        SortedDictionary<string, ExperimentRecord> experiments = new(StringComparer.Ordinal);
        if (File.Exists(paths.Experiments))
        {
            foreach ((string name, TrakExperiment experiment) in JsonFile.Read(
                paths.Experiments, StoreJson.Default.DictionaryStringTrakExperiment))
                experiments[name] = new ExperimentRecord { Targets = experiment.NumTargets, Scores = ScoresOf(experiment, models.Keys) };
        }

        using NpyFile gradients = NpyFile.Open(paths.Gradients(models.Keys.First()));
        return new RunManifest
        {
            Format = RunManifest.CurrentFormat,
            Engines = ["MadryLab/trak"],
            Run = new RunIdentity
            {
                Task = RunIdentity.ForeignTask,
                TrainSetSize = metadata.TrainSetSize,
                Projection = Projection(metadata, paths).Word,
                ProjectionDimension = metadata.Dimension,
                Sparsity = 1,
                Seed = 0,
                Scaling = TrakWords.Scalings.Word(ScoreScaling.TrakPython),
                Precision = TrakWords.Precisions.Word(gradients.Type),
                GradientDimension = 0,
                Parameters = "unknown",
            },
            Models = models,
            Experiments = experiments,
        };
    }

    private static ProjectionFamily Projection(TrakMetadata metadata, StorePaths paths) =>
        ProjectionFamily.All.FirstOrDefault(family => family.TrakWord == metadata.MatrixType)
        ?? throw new SaveDirectoryException(
            $"{paths.Metadata} names the JL matrix type '{metadata.MatrixType}'; "
            + $"there are {string.Join(", ", ProjectionFamily.All.Select(static f => f.TrakWord))}.");

    /// <summary>MadryLab/trak does not record which λ made its scores; 0 is its default.</summary>
    private static ScoresRecord? ScoresOf(TrakExperiment experiment, IEnumerable<int> models) => experiment.ScoresFinalized == 0
        ? null
        : new ScoresRecord
        {
            Models = [.. models],
            Lambda = 0,
            LambdaIsRelative = false,
            Weighting = TrakWords.Weightings.Word(Weighting.Trak)
        };
}
