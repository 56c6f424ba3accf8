using System.Globalization;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// A save directory: features, marks of what is done, and scores, in MadryLab/trak's layout, with <c>trakfast.json</c>
/// beside them. Reading needs no model; see <see cref="TrakScorer"/> for what can be computed from it.
/// </summary>
public sealed class TrakStore : IDisposable
{
    private readonly WriterLock? _lock;
    private RunManifest _manifest;
    private bool _isNew;
    private bool _disposed;

    private TrakStore(StorePaths paths, RunManifest manifest, WriterLock? writerLock)
    {
        Paths = paths;
        _manifest = manifest;
        _lock = writerLock;
    }

    /// <summary>The directory.</summary>
    public string SaveDirectory => Paths.Root;

    /// <summary>Whether MadryLab/trak wrote the directory: it can be finalized, scored and read, not featurized further.</summary>
    public bool IsForeign => !Run.IsOurs;

    /// <summary>Train set size n.</summary>
    public long TrainSetSize => Run.TrainSetSize;

    /// <summary>Projection dimension k.</summary>
    public int ProjectionDimension => Run.ProjectionDimension;

    /// <summary>Gradient dimension p; 0 in a directory of MadryLab/trak, which does not record it.</summary>
    public long GradientDimension => Run.GradientDimension;

    /// <summary>The task's name.</summary>
    public string TaskName => Run.Task;

    /// <summary>What else fixed the task's f and Q, by name; see <see cref="ModelOutput.Settings"/>.</summary>
    public IReadOnlyDictionary<string, string> TaskSettings => Run.TaskSettings;

    /// <summary>The family of the random projection.</summary>
    public ProjectionKind Projection => TrakWords.Projections.Parse(Run.Projection);

    /// <summary>Seed of the projection.</summary>
    public uint Seed => Run.Seed;

    /// <summary>Units of features and scores.</summary>
    public ScoreScaling Scaling => TrakWords.Scalings.Parse(Run.Scaling);

    /// <summary>How features are kept.</summary>
    public ElementType Precision => TrakWords.Precisions.Parse(Run.Precision);

    /// <summary>
    /// What featurized: engines with the type that they computed in, such as <c>managed float32</c>, in the order they came.
    /// </summary>
    public IReadOnlyList<string> Engines => _manifest.Engines;

    /// <summary>Ids of the checkpoints, ascending.</summary>
    public IReadOnlyList<int> ModelIds => [.. _manifest.Models.Keys];

    /// <summary>Names of the experiments.</summary>
    public IReadOnlyList<string> Experiments => [.. _manifest.Experiments.Keys];

    internal StorePaths Paths { get; }

    internal RunIdentity Run => _manifest.Run;

    // What a disposed store was made with can still be asked; its files cannot.
    private RunManifest Manifest
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _manifest;
        }
    }

    /// <summary>Opens an existing directory for reading.</summary>
    /// <exception cref="SaveDirectoryException">There is no run in it, or what describes it cannot be read.</exception>
    public static TrakStore Open(string directory) => OpenExisting(directory, writable: false);

    /// <summary>Opens an existing directory for finalizing and scoring. One writer at a time.</summary>
    /// <exception cref="SaveDirectoryException">There is no run in it, or another process writes to it.</exception>
    public static TrakStore OpenForWriting(string directory) => OpenExisting(directory, writable: true);

    /// <summary>The same as it lies there, with nothing mended.</summary>
    internal static TrakStore OpenForRepair(string directory) => OpenExisting(directory, writable: true, tidy: false);

    /// <summary>Opens a directory to featurize into, or makes it.</summary>
    /// <exception cref="SaveDirectoryException">The directory holds another run, or another process writes to it.</exception>
    /// <param name="directory">The directory.</param>
    /// <param name="run">What fixes the features.</param>
    /// <param name="engine">What will featurize, with the type that it computes in: <c>managed float32</c>.</param>
    /// <param name="mixEngines">Whether it may be another than the one that began.</param>
    internal static TrakStore OpenOrCreate(string directory, RunIdentity run, string engine, bool mixEngines)
    {
        StorePaths paths = new(Path.GetFullPath(directory));
        if (!new[] { paths.Manifest, paths.ManifestCopy, paths.Metadata }.Any(File.Exists)) return Create(paths, run, engine);
        TrakStore store = OpenExisting(directory, writable: true);
        try
        {
            string? difference = store.IsForeign
                ? "a run that MadryLab/trak began, whose random projection cannot be continued"
                : run.DifferenceFrom(store.Run);
            if (difference is not null)
                throw new SaveDirectoryException($"{directory} holds another run ({difference}); choose another save directory.");
            store.Admit(engine, mixEngines);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether a text can name an experiment, which becomes part of file names: letters, digits,
    /// <c>-</c>, <c>_</c> and <c>.</c>, not in front.
    /// </summary>
    public static bool IsExperimentName(string name) =>
        !string.IsNullOrEmpty(name) && name[0] != '.' && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>Number of targets of an experiment.</summary>
    /// <exception cref="SaveDirectoryException">There is no such experiment.</exception>
    public long TargetCount(string experiment) => Experiment(experiment).Targets;

    /// <summary>Opens the scores of an experiment, [n, m].</summary>
    /// <exception cref="SaveDirectoryException">The experiment is unknown or not scored yet.</exception>
    public Scores ReadScores(string experiment) => Experiment(experiment).Scores is null
        ? throw new SaveDirectoryException($"Experiment '{experiment}' in {SaveDirectory} has no final scores yet; finalize them first.")
        : Scores.Open(
            Guarded(NpyRowsFile.Open(
                Paths.Scores(experiment), ElementType.Float32, TrainSetSize, TargetCount(experiment), FileAccess.Read)));

    /// <summary>Opens a checkpoint's training features φ [n, k], in the store's units.</summary>
    /// <exception cref="SaveDirectoryException">There is no such model, or its file cannot be read.</exception>
    public NpyRowsFile ReadFeatures(int modelId) => OpenRows(modelId, Paths.Gradients(modelId), TrainSetSize);

    /// <summary>Opens the features of an experiment's targets under a checkpoint, [m, k].</summary>
    /// <exception cref="SaveDirectoryException">There is no such model or experiment, or the file cannot be read.</exception>
    public NpyRowsFile ReadTargetFeatures(int modelId, string experiment) =>
        OpenRows(modelId, Paths.TargetGradients(modelId, experiment), TargetCount(experiment));

    /// <summary>A checkpoint's output-to-loss gradients Q [n].</summary>
    /// <exception cref="SaveDirectoryException">There is no such model, or its file cannot be read.</exception>
    public float[] ReadOutToLoss(int modelId)
    {
        Model(modelId);
        using NpyRowsFile file = Guarded(NpyRowsFile.Open(Paths.OutToLoss(modelId)), modelId);
        if (file.Rows != TrainSetSize || file.Width != 1)
            throw new SaveDirectoryException(
                $"{file.Path} holds {file.Type} {Shapes.Text([file.Rows, file.Width])}, where {Shapes.Text([TrainSetSize, 1])} is wanted.");
        float[] values = new float[TrainSetSize];
        file.ReadRows(0, values);
        return values;
    }

    /// <summary>How a checkpoint's kernel matrix was finalized, or null while it is not.</summary>
    /// <returns>λ as it was asked for, as it was added to the diagonal, and where Q entered.</returns>
    public (Lambda Lambda, double Absolute, Weighting Weighting)? FinalizationOf(int modelId) => Model(modelId).Finalized is { } f
        ? (
            Lambda.Of(f.Lambda, f.LambdaIsRelative), f.LambdaAbsolute,
            TrakWords.Weightings.Parse(f.Weighting))
        : null;

    /// <summary>What made the scores of an experiment, or null while there are none.</summary>
    /// <exception cref="SaveDirectoryException">There is no such experiment.</exception>
    public ScoresProvenance? ProvenanceOf(string experiment) => Experiment(experiment) is { Scores: { } s } record
        ? new ScoresProvenance(
            s.Models, s.Weights, Lambda.Of(s.Lambda, s.LambdaIsRelative), s.LambdaAbsolute,
            TrakWords.Weightings.Parse(s.Weighting), s.Engines.Count > 0 ? s.Engines : Engines, s.Backend, s.Version,
            Run.TrainSetId, record.TargetSetId)
        : null;

    /// <summary>Reads all of a save directory and compares it with its checksums.</summary>
    /// <param name="directory">The save directory.</param>
    /// <param name="progress">Told what was read.</param>
    /// <param name="cancellationToken">Stops between blocks of rows.</param>
    /// <returns>Everything that is not what was written, with its files and rows; nothing where all is well.</returns>
    /// <exception cref="SaveDirectoryException">There is no run in the directory.</exception>
    public static IReadOnlyList<StoreDamage> Verify(
        string directory, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default) =>
        StoreCheck.Run(directory, repair: false, progress, cancellationToken);

    /// <summary>The same, and marks what is damaged as not done: a run that goes on does that again, and nothing else.</summary>
    /// <inheritdoc cref="Verify"/>
    /// <exception cref="SaveDirectoryException">There is no run in the directory, or somebody else writes to it.</exception>
    public static IReadOnlyList<StoreDamage> Repair(
        string directory, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default) =>
        StoreCheck.Run(directory, repair: true, progress, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _lock?.Dispose();
    }

    /// <summary>Removes a directory that this instance made and that holds no rows: a run that failed at once leaves nothing.</summary>
    internal void DiscardIfNew()
    {
        if (!_isNew) return;
        _isNew = false;
        try
        {
            // The manifest goes last: as long as it is there, what is left of the directory can be taken up again.
            foreach (int modelId in ModelIds)
            {
                Remove(Paths.ModelFolder(modelId));
                File.Delete(Paths.ModelFlags(modelId));
            }

            Remove(Paths.ScoresFolder);
            File.Delete(Paths.Metadata);
            File.Delete(Paths.ManifestCopy);
            File.Delete(Paths.Manifest);
            Dispose();
            if (!Directory.EnumerateFileSystemEntries(SaveDirectory).Any()) Directory.Delete(SaveDirectory);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            // What made the run fail is what its caller has to know.
        }

        static void Remove(string directory)
        {
            if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        }
    }

    internal bool TryGetModel(int modelId, out ModelRecord? record) => _manifest.Models.TryGetValue(modelId, out record);

    internal ModelRecord Model(int modelId) => Manifest.Models.TryGetValue(modelId, out ModelRecord? record)
        ? record
        : throw new SaveDirectoryException(
            $"{SaveDirectory} has no model {modelId}; it has {(ModelIds.Count == 0 ? "none" : string.Join(", ", ModelIds))}.");

    internal ExperimentRecord Experiment(string experiment) => Manifest.Experiments.TryGetValue(experiment, out ExperimentRecord? record)
        ? record
        : throw new SaveDirectoryException(
            $"{SaveDirectory} has no experiment '{experiment}'; "
            + $"it has {(Experiments.Count == 0 ? "none" : string.Join(", ", Experiments))}.");

    internal bool TryGetExperiment(string experiment, out ExperimentRecord? record) =>
        _manifest.Experiments.TryGetValue(experiment, out record);

    /// <summary>Records a model and mirrors its state in MadryLab/trak's file.</summary>
    internal void Set(int modelId, ModelRecord record, bool isFeaturized)
    {
        _manifest.Models[modelId] = record;
        Save();
        AtomicFile.WriteBytes(Paths.ModelFlags(modelId), StoreMirrors.ModelFlags(this, modelId, isFeaturized));
    }

    /// <summary>Records an experiment and mirrors all of them in MadryLab/trak's file.</summary>
    internal void Set(string experiment, ExperimentRecord record)
    {
        _manifest.Experiments[experiment] = record;
        Save();
        AtomicFile.WriteBytes(Paths.Experiments, StoreMirrors.Experiments(this));
        if (StoreMirrors.ScoresNote(this, experiment) is { } note) AtomicFile.WriteBytes(Paths.ScoresNote(experiment), note);
    }

    /// <summary>Opens the rows of a checkpoint's training features and Q, and records the checkpoint where it is new.</summary>
    internal MarkedRows OpenTrainRows(int modelId, string weightHash)
    {
        if (!TryGetModel(modelId, out _)) Set(modelId, new ModelRecord { Weights = weightHash }, isFeaturized: false);
        string marks = Paths.IsFeaturized(modelId);

        // In TRAK scaling MadryLab/trak opens a fourth file, which a finalization fills.
        if (Scaling == ScoreScaling.TrakPython && !File.Exists(Paths.Features(modelId)))
        {
            Directory.CreateDirectory(Paths.ModelFolder(modelId));
            NpyRowsFile.Create(Paths.Features(modelId), Precision, TrainSetSize, ProjectionDimension).Dispose();
        }

        return MarkedRows.Open(
            marks,
            TrainSetSize,
            RowsIdentity(modelId),
            (Paths.Gradients(modelId), Precision, ProjectionDimension),
            (Paths.OutToLoss(modelId), ElementType.Float32, 1));
    }

    /// <summary>Opens the rows of an experiment's targets under a checkpoint, and records the experiment where it is new.</summary>
    /// <exception cref="SaveDirectoryException">The experiment has other targets.</exception>
    internal MarkedRows OpenTargetRows(string experiment, int modelId, long targetCount, string targetSetId)
    {
        if (!TryGetExperiment(experiment, out ExperimentRecord? record))
            Set(experiment, new ExperimentRecord { Targets = targetCount, TargetSetId = targetSetId });
        else if (record!.Targets != targetCount)
            throw new SaveDirectoryException(
                $"Experiment '{experiment}' has {record.Targets} targets, now {targetCount}; give the other set another name.");
        else if (record.TargetSetId != targetSetId)
            throw new SaveDirectoryException(
                $"Experiment '{experiment}' has the targets {record.TargetSetId}, now {targetSetId}; give the other set another name.");
        return MarkedRows.Open(
            Paths.TargetMarks(modelId, experiment),
            targetCount,
            RowsIdentity(modelId),
            (Paths.TargetGradients(modelId, experiment), Precision, ProjectionDimension));
    }

    /// <summary>Refuses weights other than those that a model id was featurized with.</summary>
    internal void RequireWeights(int modelId, string checkpoint, string weightHash)
    {
        if (TryGetModel(modelId, out ModelRecord? record) && record!.Weights != weightHash)
            throw new CheckpointException(
                $"Model {modelId} in {SaveDirectory} was featurized with weights {record.Weights[..12]}…, "
                + $"and {checkpoint} has {weightHash[..12]}…; use another model id or another save directory.");
    }

    /// <summary>Says that all training examples of a checkpoint are featurized.</summary>
    internal void SetFeaturized(int modelId) => Set(modelId, Model(modelId), isFeaturized: true);

    private NpyRowsFile OpenRows(int modelId, string path, long rows)
    {
        Model(modelId);
        return Guarded(NpyRowsFile.Open(path, Precision, rows, ProjectionDimension, FileAccess.Read), modelId);
    }

    /// <summary>
    /// What a checkpoint's rows are of, for their checksums: rows of other weights or another projection are not taken for them.
    /// </summary>
    internal string RowsIdentity(int modelId) => Run.IsOurs
        ? $"{modelId} {Model(modelId).Weights} {Run.Projection} {Run.ProjectionDimension} {Run.Sparsity} {Run.Seed} {Run.Scaling} {Run.Parameters}"
        : $"{modelId}";

    /// <summary>Has an array's rows checked against their checksums as they are read.</summary>
    /// <param name="file">The array.</param>
    /// <param name="modelId">The checkpoint that it belongs to; null for scores.</param>
    internal NpyRowsFile Guarded(NpyRowsFile file, int? modelId = null)
    {
        try
        {
            // MadryLab/trak keeps no checksums.
            if (!Run.IsOurs && !File.Exists(RowSums.PathOf(file.Path))) return file;
            return file.With(RowSums.Open(file.Path, file.Rows, Identity(modelId), FileAccess.Read));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether an array that is written as a whole is there, with its checksums.</summary>
    internal bool HasWhole(string path) => File.Exists(path) && File.Exists(RowSums.PathOf(path));

    /// <summary>Begins the checksums of an array that is written anew as a whole.</summary>
    internal NpyRowsFile Summed(NpyRowsFile file, int? modelId = null) =>
        file.With(RowSums.Create(file.Path, file.Rows, Identity(modelId)));

    private string Identity(int? modelId) => modelId is { } id ? RowsIdentity(id) : "scores";

    private void Admit(string engine, bool mixEngines)
    {
        if (_manifest.Engines.Contains(engine)) return;
        if (!mixEngines)
            throw new SaveDirectoryException(
                $"{SaveDirectory} was featurized with {string.Join(" and ", _manifest.Engines)}, now {engine}, whose features differ by rounding; "
                + "go on with the engine that began, or add --mix-engines (TrakOptions.MixEngines).");
        _manifest = _manifest with { Engines = [.. _manifest.Engines, engine] };
        Save();
    }

    private static TrakStore Create(StorePaths paths, RunIdentity run, string engine)
    {
        // Whatever a new run would write to must not be there: rows of another run would pass for this one's, and a run
        // that fails at once removes what it made.
        if (Remains(paths) is { } remains)
            throw new SaveDirectoryException(
                $"{paths.Root} holds '{remains}', which looks like part of a run, but neither trakfast.json nor metadata.json; "
                + "choose another save directory, or empty it.");
        try
        {
            Directory.CreateDirectory(paths.Root);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            throw new SaveDirectoryException(
                $"The save directory {paths.Root} cannot be made: "
                + $"{(File.Exists(paths.Root) ? "a file has that name" : e.Message.TrimEnd('.'))}; choose another.",
                e);
        }

        TrakStore store = new(
            paths,
            new RunManifest
            {
                Format = RunManifest.CurrentFormat, Engines = [engine], Run = run, Models = [], Experiments = new(StringComparer.Ordinal)
            },
            WriterLock.Take(paths)) { _isNew = true };
        try
        {
            // First of all, so that a directory is new or can be taken up again, whenever the process ends.
            store.RemoveParts();
            store.Save();
            AtomicFile.WriteBytes(paths.Metadata, StoreMirrors.Metadata(store));
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
        if (!Directory.Exists(paths.Root)) return null;
        return Directory.EnumerateFileSystemEntries(paths.Root)
            .Select(static path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)
            .FirstOrDefault(name =>
                name is "experiments.json"
                || (name.StartsWith("id_", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal))
                || int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                || (name is "scores"
                    && !(Directory.Exists(paths.ScoresFolder) && !Directory.EnumerateFileSystemEntries(paths.ScoresFolder).Any())));
    }

    private static TrakStore OpenExisting(string directory, bool writable, bool tidy = true)
    {
        StorePaths paths = new(Path.GetFullPath(directory));
        bool isForeign = !File.Exists(paths.Manifest);
        if (isForeign && (File.Exists(paths.ManifestCopy) || !File.Exists(paths.Metadata)))
            throw new SaveDirectoryException(
                File.Exists(paths.ManifestCopy)
                    ? $"{directory} lacks trakfast.json; `trakfast verify --save-dir {directory} --repair` takes the copy that is there."
                    : Directory.Exists(directory)
                        ? $"{directory} holds no run: it has neither trakfast.json nor metadata.json; name the --save-dir of a run."
                        : $"{directory} holds no run: there is no such directory; name the --save-dir of a run.");
        WriterLock? writerLock = writable ? WriterLock.Take(paths) : null;
        try
        {
            RunManifest manifest = isForeign
                ? TypedErrors.As(
                    () => ForeignStore.Describe(paths), static (sentence, cause) => new SaveDirectoryException(sentence, cause))
                : ReadManifest(paths.Manifest);
            if (isForeign) manifest.Check(paths.Metadata);
            TrakStore store = new(paths, manifest, writerLock);
            if (writable && tidy) store.TidyUp();
            return store;
        }
        catch
        {
            writerLock?.Dispose();
            throw;
        }
    }

    /// <summary>Reads a manifest and checks all that it says.</summary>
    /// <exception cref="SaveDirectoryException">It cannot be read, is of another format, or was damaged.</exception>
    internal static RunManifest ReadManifest(string path)
    {
        RunManifest manifest = TypedErrors.As(
            () => JsonFile.Read(path, StoreJson.Default.RunManifest),
            static (sentence, cause) => new SaveDirectoryException(sentence, cause));
        manifest.Check(path);
        manifest.CheckSum(path);
        return manifest;
    }

    // What a process left that ended in the middle: files half written, and those that come second and are not there or older.
    private void TidyUp()
    {
        RemoveParts();
        if (IsForeign) return;
        if (!File.Exists(Paths.ManifestCopy)) JsonFile.Write(Paths.ManifestCopy, _manifest, StoreJson.Default.RunManifest);
        foreach ((string path, IReadOnlyList<byte[]> allowed) in StoreMirrors.All(this))
        {
            byte[]? found = File.Exists(path) ? File.ReadAllBytes(path) : null;
            if (!allowed.Any(a => found.AsSpan().SequenceEqual(a))) AtomicFile.WriteBytes(path, allowed[0]);
        }
    }

    private void RemoveParts()
    {
        string[] folders = [Paths.Root, Paths.ScoresFolder, .. ModelIds.Select(id => Paths.ModelFolder(id))];
        foreach (string part in folders.Where(Directory.Exists).SelectMany(static f => Directory.EnumerateFiles(f, "*.part*"))) File.Delete(part);
    }

    private void Save()
    {
        _manifest = (_manifest with { Version = Product.Version }).Summed();
        JsonFile.Write(Paths.Manifest, _manifest, StoreJson.Default.RunManifest);
        JsonFile.Write(Paths.ManifestCopy, _manifest, StoreJson.Default.RunManifest);
    }
}
