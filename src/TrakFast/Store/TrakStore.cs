using System.Globalization;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// A save directory: features, marks of what is done, and scores, in MadryLab/trak's layout, with <c>trakfast.json</c>
/// beside them. Reading needs no model; see <see cref="TrakScorer"/> for what can be computed from it.
/// </summary>
public sealed class TrakStore : IDisposable
{
    private readonly FileStream? _lock;
    private readonly RunManifest _manifest;
    private bool _isNew;

    private TrakStore(StorePaths paths, RunManifest manifest, FileStream? writerLock)
    {
        Paths = paths;
        _manifest = manifest;
        _lock = writerLock;
    }

    /// <summary>The directory.</summary>
    public string Directory => Paths.Root;

    /// <summary>Whether MadryLab/trak wrote the directory: it can be finalized, scored and read, not featurized further.</summary>
    public bool IsForeign => !Run.IsOurs;

    /// <summary>Train set size n.</summary>
    public long TrainSetSize => Run.TrainSetSize;

    /// <summary>Projection dimension k.</summary>
    public int ProjectionDimension => Run.ProjectionDimension;

    /// <summary>Gradient dimension p; 0 in a directory of MadryLab/trak, which does not record it.</summary>
    public long GradientDimension => Run.GradientDimension;

    /// <summary>The task's name.</summary>
    public string Task => Run.Task;

    /// <summary>What else fixed the task's f and Q, by name; see <see cref="ModelOutput.Settings"/>.</summary>
    public IReadOnlyDictionary<string, string> TaskSettings => Run.TaskSettings;

    /// <summary>The projection's name.</summary>
    public string Projection => Run.Projection;

    /// <summary>Seed of the projection.</summary>
    public uint Seed => Run.Seed;

    /// <summary>Units of features and scores.</summary>
    public ScoreScaling Scaling => Run.Scaling == StoreWords.Of(ScoreScaling.TrakPython) ? ScoreScaling.TrakPython : ScoreScaling.Unit;

    /// <summary>How features are kept.</summary>
    public ElementType Precision => StoreWords.Precision(Run.Precision);

    /// <summary>Ids of the checkpoints, ascending.</summary>
    public IReadOnlyList<int> ModelIds => [.. _manifest.Models.Keys];

    /// <summary>Names of the experiments.</summary>
    public IReadOnlyList<string> Experiments => [.. _manifest.Experiments.Keys];

    internal StorePaths Paths { get; }

    internal RunIdentity Run => _manifest.Run;

    /// <summary>Opens an existing directory for reading.</summary>
    /// <exception cref="TrakException">There is no run in it, or what describes it cannot be read.</exception>
    public static TrakStore Open(string directory) => OpenExisting(directory, writable: false);

    /// <summary>Opens an existing directory for finalizing and scoring. One writer at a time.</summary>
    /// <exception cref="TrakException">There is no run in it, or another process writes to it.</exception>
    public static TrakStore OpenForWriting(string directory) => OpenExisting(directory, writable: true);

    /// <summary>Opens a directory to featurize into, or makes it.</summary>
    /// <exception cref="TrakException">The directory holds another run, or another process writes to it.</exception>
    internal static TrakStore OpenOrCreate(string directory, RunIdentity run)
    {
        StorePaths paths = new(Path.GetFullPath(directory));
        if (File.Exists(paths.Manifest) || File.Exists(paths.Metadata))
        {
            TrakStore store = OpenExisting(directory, writable: true);
            string? difference = store.IsForeign ? "a run that MadryLab/trak began, whose random projection cannot be continued" : run.DifferenceFrom(store.Run);
            if (difference is null) return store;
            store.Dispose();
            throw new TrakException($"{directory} holds another run ({difference}); choose another save directory.");
        }

        return Create(paths, run);
    }

    /// <summary>Whether a text can name an experiment, which becomes part of file names: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, not in front.</summary>
    public static bool IsExperimentName(string name) =>
        !string.IsNullOrEmpty(name) && name[0] != '.' && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>Number of targets of an experiment.</summary>
    /// <exception cref="TrakException">There is no such experiment.</exception>
    public long TargetCount(string experiment) => Experiment(experiment).Targets;

    /// <summary>Opens the scores of an experiment, [n, m].</summary>
    /// <exception cref="TrakException">The experiment is unknown or not scored yet.</exception>
    public Scores ReadScores(string experiment) => Experiment(experiment).Scores is null
        ? throw new TrakException($"Experiment '{experiment}' in {Directory} has no final scores yet; finalize them first.")
        : Scores.Open(Paths.Scores(experiment), TrainSetSize, TargetCount(experiment));

    /// <summary>Opens a checkpoint's training features φ [n, k], in the store's units.</summary>
    /// <exception cref="TrakException">There is no such model, or its file cannot be read.</exception>
    public NpyRowsFile ReadFeatures(int modelId) => OpenRows(modelId, Paths.Gradients(modelId), TrainSetSize);

    /// <summary>Opens the features of an experiment's targets under a checkpoint, [m, k].</summary>
    /// <exception cref="TrakException">There is no such model or experiment, or the file cannot be read.</exception>
    public NpyRowsFile ReadTargetFeatures(int modelId, string experiment) =>
        OpenRows(modelId, Paths.TargetGradients(modelId, experiment), TargetCount(experiment));

    /// <summary>A checkpoint's output-to-loss gradients Q [n].</summary>
    /// <exception cref="TrakException">There is no such model, or its file cannot be read.</exception>
    public float[] ReadOutToLoss(int modelId)
    {
        Model(modelId);
        using NpyRowsFile file = NpyRowsFile.Open(Paths.OutToLoss(modelId));
        if (file.Rows != TrainSetSize || file.Width != 1)
            throw new TrakException($"{file.Path} holds {file.Type} {Shapes.Text([file.Rows, file.Width])}, where {Shapes.Text([TrainSetSize, 1])} is wanted.");
        float[] values = new float[TrainSetSize];
        file.ReadRows(0, values);
        return values;
    }

    /// <summary>How a checkpoint's kernel matrix was finalized, or null while it is not.</summary>
    /// <returns>λ as it was asked for, as it was added to the diagonal, and where Q entered.</returns>
    public (Lambda Lambda, double Absolute, Weighting Weighting)? FinalizationOf(int modelId) => Model(modelId).Finalized is { } f
        ? (f.LambdaIsRelative ? Lambda.Relative(f.Lambda) : Lambda.Absolute(f.Lambda), f.LambdaAbsolute, f.Weighting == StoreWords.Of(Weighting.Loss) ? Weighting.Loss : Weighting.Trak)
        : null;

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    /// <summary>Removes a directory that this instance made and that holds no rows: a run that failed at once leaves nothing.</summary>
    internal void DiscardIfNew()
    {
        if (!_isNew) return;
        _isNew = false;
        try
        {
            foreach (int modelId in ModelIds)
            {
                Remove(Paths.ModelFolder(modelId));
                File.Delete(Paths.ModelFlags(modelId));
            }

            Remove(Paths.ScoresFolder);
            File.Delete(Paths.Manifest);
            File.Delete(Paths.Metadata);
            Dispose();
            if (!System.IO.Directory.EnumerateFileSystemEntries(Directory).Any()) System.IO.Directory.Delete(Directory);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            // What made the run fail is what its caller has to know.
        }

        static void Remove(string directory)
        {
            if (System.IO.Directory.Exists(directory)) System.IO.Directory.Delete(directory, recursive: true);
        }
    }

    internal bool TryGetModel(int modelId, out ModelRecord? record) => _manifest.Models.TryGetValue(modelId, out record);

    internal ModelRecord Model(int modelId) => _manifest.Models.TryGetValue(modelId, out ModelRecord? record)
        ? record
        : throw new TrakException($"{Directory} has no model {modelId}; it has {(ModelIds.Count == 0 ? "none" : string.Join(", ", ModelIds))}.");

    internal ExperimentRecord Experiment(string experiment) => _manifest.Experiments.TryGetValue(experiment, out ExperimentRecord? record)
        ? record
        : throw new TrakException($"{Directory} has no experiment '{experiment}'; it has {(Experiments.Count == 0 ? "none" : string.Join(", ", Experiments))}.");

    internal bool TryGetExperiment(string experiment, out ExperimentRecord? record) => _manifest.Experiments.TryGetValue(experiment, out record);

    /// <summary>Records a model and mirrors its state in MadryLab/trak's file.</summary>
    internal void Set(int modelId, ModelRecord record, bool isFeaturized)
    {
        _manifest.Models[modelId] = record;
        Save();
        TrakModelFlags flags = new()
        {
            IsFeaturized = isFeaturized ? 1 : 0,
            IsFinalized = isFeaturized && record.Finalized is not null && Scaling == ScoreScaling.TrakPython ? 1 : 0,
        };
        JsonFile.Write(Paths.ModelFlags(modelId), new Dictionary<string, TrakModelFlags> { [$"{modelId}"] = flags }, StoreJson.Default.DictionaryStringTrakModelFlags);
    }

    /// <summary>Records an experiment and mirrors all of them in MadryLab/trak's file.</summary>
    internal void Set(string experiment, ExperimentRecord record)
    {
        _manifest.Experiments[experiment] = record;
        Save();
        Dictionary<string, TrakExperiment> mirror = _manifest.Experiments.ToDictionary(static e => e.Key, e => new TrakExperiment
        {
            NumTargets = e.Value.Targets,
            ScoresPath = $"scores/{e.Key}.mmap",
            ScoresFinalized = e.Value.Scores is null ? 0 : 1,
        });
        JsonFile.Write(Paths.Experiments, mirror, StoreJson.Default.DictionaryStringTrakExperiment);
    }

    private NpyRowsFile OpenRows(int modelId, string path, long rows)
    {
        Model(modelId);
        return NpyRowsFile.Open(path, Precision, rows, ProjectionDimension, FileAccess.Read);
    }

    private static TrakStore Create(StorePaths paths, RunIdentity run)
    {
        // Whatever a new run would write to must not be there: rows of another run would pass for this one's, and a run
        // that fails at once removes what it made.
        if (Remains(paths) is { } remains)
            throw new TrakException($"{paths.Root} holds '{remains}', which looks like part of a run, but neither trakfast.json nor metadata.json; choose another save directory, or empty it.");
        try
        {
            System.IO.Directory.CreateDirectory(paths.ScoresFolder);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            throw new TrakException($"The save directory {paths.Root} cannot be made: {(File.Exists(paths.Root) ? "a file has that name" : e.Message.TrimEnd('.'))}; choose another.", e);
        }

        TrakStore store = new(paths, new RunManifest { Format = RunManifest.CurrentFormat, Run = run, Models = [], Experiments = new(StringComparer.Ordinal) }, Lock(paths)) { _isNew = true };
        try
        {
            JsonFile.Write(paths.Metadata, new TrakMetadata { Dimension = run.ProjectionDimension, MatrixType = StoreWords.TrakMatrixType(run.Projection), TrainSetSize = run.TrainSetSize }, StoreJson.Default.TrakMetadata);
            store.Save();
            return store;
        }
        catch
        {
            store.DiscardIfNew();
            store.Dispose();
            throw;
        }
    }

    private static string? Remains(StorePaths paths)
    {
        if (!System.IO.Directory.Exists(paths.Root)) return null;
        return System.IO.Directory.EnumerateFileSystemEntries(paths.Root).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal).FirstOrDefault(name =>
            name is "experiments.json"
            || (name.StartsWith("id_", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal))
            || int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            || (name is "scores" && !(System.IO.Directory.Exists(paths.ScoresFolder) && !System.IO.Directory.EnumerateFileSystemEntries(paths.ScoresFolder).Any())));
    }

    private static TrakStore OpenExisting(string directory, bool writable)
    {
        StorePaths paths = new(Path.GetFullPath(directory));
        bool isForeign = !File.Exists(paths.Manifest);
        if (isForeign && !File.Exists(paths.Metadata))
            throw new TrakException($"{directory} holds no run: it has neither trakfast.json nor metadata.json.");
        FileStream? writerLock = writable ? Lock(paths) : null;
        try
        {
            RunManifest manifest = isForeign ? ForeignStore.Describe(paths) : JsonFile.Read(paths.Manifest, StoreJson.Default.RunManifest);
            manifest.Check(isForeign ? paths.Metadata : paths.Manifest);
            return new TrakStore(paths, manifest, writerLock);
        }
        catch
        {
            writerLock?.Dispose();
            throw;
        }
    }

    private static FileStream Lock(StorePaths paths)
    {
        try
        {
            return new FileStream(paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (File.Exists(paths.Lock))
        {
            throw new TrakException($"Another process is writing to {paths.Root}; wait for it or choose another save directory.", error);
        }
        catch (Exception error) when (FileAccessErrors.Covers(error))
        {
            throw new TrakException($"Nothing can be written to the save directory {paths.Root}: {error.Message.TrimEnd('.')}; choose another.", error);
        }
    }

    private void Save() => JsonFile.Write(Paths.Manifest, _manifest, StoreJson.Default.RunManifest);
}
