using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// Reads all of a save directory and compares it with its checksums; repairs what can be. What is repaired is marked as not done, so that
/// a run that is resumed does it again, and nothing else.
/// </summary>
internal sealed class StoreCheck
{
    private readonly TrakStore _store;
    private readonly bool _repair;
    private readonly IProgress<TrakProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly List<StoreDamage> _damages = [];
    private long _arrays;

    private StoreCheck(TrakStore store, bool repair, IProgress<TrakProgress>? progress, CancellationToken cancellationToken) =>
        (_store, _repair, _progress, _cancellationToken) = (store, repair, progress, cancellationToken);

    /// <summary>Everything wrong in a directory.</summary>
    /// <param name="directory">The save directory.</param>
    /// <param name="repair">Whether it is repaired.</param>
    /// <param name="progress">Told the arrays that were read.</param>
    /// <param name="cancellationToken">Stops between blocks of rows.</param>
    public static IReadOnlyList<StoreDamage> Run(
        string directory, bool repair, IProgress<TrakProgress>? progress, CancellationToken cancellationToken)
    {
        StorePaths paths = new(Path.GetFullPath(directory));
        List<StoreDamage> manifest = [];
        if (!File.Exists(paths.Manifest) && !File.Exists(paths.Metadata) && !File.Exists(paths.ManifestCopy))
            throw new SaveDirectoryException($"{directory} holds no run: it has neither trakfast.json nor metadata.json.");
        bool isOurs = File.Exists(paths.Manifest) || File.Exists(paths.ManifestCopy);
        if (isOurs)
        {
            string? first = Problem(paths.Manifest), second = Problem(paths.ManifestCopy);
            if (first is not null) manifest.Add(new StoreDamage(paths.Manifest, [], first));
            if (second is not null) manifest.Add(new StoreDamage(paths.ManifestCopy, [], second));
            if (first is not null && second is not null) return manifest;
            if (first is not null && !repair) return manifest;
            if (repair && first is not null) Copy(paths.ManifestCopy, paths.Manifest);
            if (repair && second is not null) Copy(paths.Manifest, paths.ManifestCopy);
        }

        using TrakStore store = repair ? TrakStore.OpenForRepair(directory) : TrakStore.Open(directory);
        StoreCheck check = new(store, repair, progress, cancellationToken);
        check.Run();
        return [.. manifest, .. check._damages];
    }

    private static void Copy(string from, string to) => AtomicFile.WriteBytes(to, File.ReadAllBytes(from));

    private static string? Problem(string path)
    {
        try
        {
            if (!File.Exists(path)) return "is missing";
            TrakStore.ReadManifest(path);
            return null;
        }
        catch (TrakException error)
        {
            return $"is damaged ({error.Message.TrimEnd('.')})";
        }
    }

    private void Run()
    {
        Action[] steps =
        [
            Mirrors,
            .. _store.ModelIds.Select(id => (Action)(() => Model(id))),
            .. from experiment in _store.Experiments from id in _store.ModelIds select (Action)(() => Targets(experiment, id)),
            .. _store.Experiments.Select(experiment => (Action)(() => Scores(experiment))),
        ];
        foreach (Action step in steps) step();
    }

    private void Model(int modelId)
    {
        StorePaths paths = _store.Paths;
        bool isFinal = _store.FinalizationOf(modelId) is not null;
        (long n, int k) = (_store.TrainSetSize, _store.ProjectionDimension);
        if (!_store.IsForeign)
        {
            Rows(
                paths.IsFeaturized(modelId), n, modelId, isFinal,
                (paths.Gradients(modelId), _store.Precision, k), (paths.OutToLoss(modelId), ElementType.Float32, 1));
        }

        if (!isFinal) return;
        bool whole = Whole(paths.Factor(modelId), ElementType.Float64, k, k, modelId);
        if (_store.Scaling == ScoreScaling.TrakPython) whole &= Whole(paths.Features(modelId), _store.Precision, n, k, modelId);
        if (!whole && _repair) _store.Set(modelId, _store.Model(modelId) with { Finalized = null }, isFeaturized: true);
    }

    private void Targets(string experiment, int modelId)
    {
        StorePaths paths = _store.Paths;
        bool isFinal = _store.Experiment(experiment).Scores?.Models.Contains(modelId) ?? false;
        string marks = paths.TargetMarks(modelId, experiment);
        if (_store.IsForeign || (!isFinal && !File.Exists(marks))) return;
        Rows(
            marks, _store.TargetCount(experiment), modelId, isFinal,
            (paths.TargetGradients(modelId, experiment), _store.Precision, _store.ProjectionDimension));
    }

    private void Scores(string experiment)
    {
        ExperimentRecord record = _store.Experiment(experiment);
        string path = _store.Paths.Scores(experiment);
        if (record.Scores is null || (_store.IsForeign && !File.Exists(RowSums.PathOf(path)))) return;
        if (!Whole(path, ElementType.Float32, _store.TrainSetSize, record.Targets, null) && _repair)
            _store.Set(experiment, record with { Scores = null });
    }

    /// <summary>An array that is good as a whole or made again; whether it is good.</summary>
    private bool Whole(string path, ElementType type, long rows, long width, int? modelId)
    {
        if (Open(path, type, rows, width, modelId) is not { } file)
        {
            Remove(path);
            return false;
        }

        long[] damaged;
        using (file) damaged = [.. Damaged(file), .. Unsummed(file, rows)];
        if (damaged.Length == 0) return true;
        _damages.Add(new StoreDamage(path, damaged, "are not what was written".For(damaged)));
        Remove(path);
        return false;
    }

    /// <summary>Arrays whose rows are marked when they are done.</summary>
    private void Rows(
        string marksPath, long rows, int modelId, bool isFinal, params (string Path, ElementType Type, long Width)[] arrays)
    {
        int[]? marks = Marks(marksPath, rows, isFinal);
        SortedSet<long> again = [];
        foreach ((string path, ElementType type, long width) in arrays)
        {
            using NpyRowsFile? file = Open(path, type, rows, width, modelId, isNeeded: marks is not null);
            if (file is null)
            {
                // Nothing of it can be trusted.
                if (marks is not null) again.UnionWith(RowsOf(marks, static _ => true));
                Remove(path);
                continue;
            }

            long[] damaged = [.. Damaged(file)];
            long[] unsummed = marks is null ? [] : [.. Unsummed(file, rows).Where(row => marks[row] != 0)];
            if (damaged.Length > 0) _damages.Add(new StoreDamage(path, damaged, "are not what was written".For(damaged)));
            if (unsummed.Length > 0)
                _damages.Add(new StoreDamage(marksPath, unsummed, "are marked as done, and were never written".For(unsummed)));
            again.UnionWith(damaged);
            again.UnionWith(unsummed);
        }

        if (marks is null || !_repair) return;
        again.UnionWith(RowsOf(marks, static mark => mark is not (0 or 1)));
        if (again.Count > 0) Unmark(marksPath, rows, [.. again], arrays);
    }

    private int[]? Marks(string path, long rows, bool isFinal)
    {
        if (!File.Exists(path))
        {
            if (isFinal) _damages.Add(new StoreDamage(path, [], "is missing"));
            return null;
        }

        if (!HasHeader(path, ElementType.Int32, rows, 1))
        {
            Remove(path);
            return null;
        }

        int[] marks = new int[rows];
        using (NpyRowsFile file = NpyRowsFile.Open(path)) file.ReadElements<int>(0, marks);
        long[] wrong = RowsOf(marks, static mark => mark is not (0 or 1));
        if (wrong.Length > 0) _damages.Add(new StoreDamage(path, wrong, "hold something other than 0 and 1".For(wrong, "holds")));
        long[] open = isFinal ? RowsOf(marks, static mark => mark == 0) : [];
        if (open.Length > 0)
            _damages.Add(new StoreDamage(path, open, "are not done, though what follows from them is there; resume the run".For(open)));
        return marks;
    }

    private static long[] RowsOf(int[] marks, Func<int, bool> wanted) =>
        [.. Enumerable.Range(0, marks.Length).Where(row => wanted(marks[row])).Select(static row => (long)row)];

    private static void Unmark(
        string marksPath, long rows, IReadOnlyList<long> again, (string Path, ElementType Type, long Width)[] arrays)
    {
        using (NpyRowsFile marks = NpyRowsFile.Open(marksPath, ElementType.Int32, rows, 1))
        {
            foreach (long row in again) marks.WriteElements<int>(row, [0]);
            marks.Flush();
        }

        foreach ((string path, _, _) in arrays.Where(static a => File.Exists(RowSums.PathOf(a.Path))))
        {
            using NpyRowsFile sums = NpyRowsFile.Open(RowSums.PathOf(path), ElementType.Int64, rows, 1);
            foreach (long row in again) sums.WriteElements<long>(row, [0]);
            sums.Flush();
        }
    }

    private IEnumerable<long> Damaged(NpyRowsFile file)
    {
        for (long row = -1; (row = file.FirstDamaged(row + 1, _cancellationToken)) >= 0;) yield return row;
    }

    private static IEnumerable<long> Unsummed(NpyRowsFile file, long rows)
    {
        for (long row = 0; row < rows; row++)
        {
            if (!file.Sums!.Has(row)) yield return row;
        }
    }

    // The array with its checksums; null where one of them is lost, which is said.
    private NpyRowsFile? Open(string path, ElementType type, long rows, long width, int? modelId, bool isNeeded = true)
    {
        foreach ((string file, ElementType of, long wide) in new[] { (path, type, width), (RowSums.PathOf(path), ElementType.Int64, 1L) })
        {
            if (File.Exists(file))
            {
                if (!HasHeader(file, of, rows, wide)) return null;
            }
            else
            {
                if (isNeeded) _damages.Add(new StoreDamage(file, [], "is missing"));
                return null;
            }
        }

        _progress?.Report(new TrakProgress("verify", ++_arrays, _arrays));
        return _store.Guarded(NpyRowsFile.Open(path), modelId);
    }

    // A header says only what is known anyway, so that a damaged one can be written again.
    private bool HasHeader(string path, ElementType type, long rows, long width)
    {
        NpyHeader header = new(type, [rows, width]);
        byte[] wanted = header.ToBytes();
        try
        {
            using var file = FileBytes.Open(path, _repair ? FileAccess.ReadWrite : FileAccess.Read);
            long length = FileBytes.Length(file, path);
            if (length != wanted.Length + header.DataBytes)
            {
                _damages.Add(new StoreDamage(path, [], $"has {length} bytes, where {wanted.Length + header.DataBytes} are wanted"));
                return false;
            }

            byte[] bytes = new byte[wanted.Length];
            FileBytes.Read(file, path, 0, bytes);
            if (bytes.AsSpan().SequenceEqual(wanted)) return true;
            _damages.Add(new StoreDamage(path, [], $"has a damaged header, where {header} is wanted"));
            if (!_repair) return false;
            FileBytes.Write(file, path, 0, wanted);
            FileBytes.Flush(file, path);
            return true;
        }
        catch (TrakException error)
        {
            _damages.Add(new StoreDamage(path, [], $"cannot be read ({error.Message.TrimEnd('.')})"));
            return false;
        }
    }

    private void Mirrors()
    {
        if (_store.IsForeign) return;
        foreach ((string path, IReadOnlyList<byte[]> allowed) in StoreMirrors.All(_store))
        {
            byte[]? found = File.Exists(path) ? File.ReadAllBytes(path) : null;
            if (allowed.Any(a => found.AsSpan().SequenceEqual(a))) continue;
            _damages.Add(new StoreDamage(path, [], found is null ? "is missing" : "differs from what trakfast.json says"));
            if (_repair) AtomicFile.WriteBytes(path, allowed[^1]);
        }
    }

    private void Remove(string path)
    {
        if (!_repair) return;
        File.Delete(path);
        File.Delete(RowSums.PathOf(path));
    }
}

/// <summary>Grammar of sentences about rows.</summary>
file static class Grammar
{
    /// <summary>The same about one row, where it is one.</summary>
    public static string For(this string plural, IReadOnlyCollection<long> rows, string? verb = null)
    {
        if (rows.Count != 1) return plural;
        (string first, string rest) = (plural[..plural.IndexOf(' ')], plural[plural.IndexOf(' ')..]);
        string one = verb ?? (first == "are" ? "is" : first);
        return one + rest.Replace(", and were never", ", and was never").Replace("what follows from them", "what follows from it");
    }
}
