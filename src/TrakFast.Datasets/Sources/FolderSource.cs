namespace TrakFast.Datasets;

/// <summary>
/// A folder of pictures. Folders in it are classes, in the ordinal order of their names, with all pictures below them, as torchvision's
/// ImageFolder has them; without folders there are no labels. Columns are <c>image</c>, <c>file</c> and <c>label</c>. A
/// <c>metadata.csv</c>, <c>.jsonl</c> or <c>.parquet</c> in it, with a column <c>file_name</c>, names the pictures and their other
/// columns instead, as Hugging Face's imagefolder has it.
/// </summary>
public sealed class FolderSource : RowSource
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp"];
    private static readonly string[] MetadataFiles = ["metadata.csv", "metadata.jsonl", "metadata.parquet"];
    private static readonly string[] Splits = ["train", "training", "test", "testing", "val", "valid", "validation", "dev"];
    private readonly List<(string File, string? Label)> _pictures = [];
    private readonly RowSource? _metadata;
    private readonly string[] _own;

    private FolderSource(string path)
    {
        Name = path;
        string? metadata = MetadataFiles.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists);
        try
        {
            if (metadata is not null)
            {
                _metadata = DataSource.OpenFile(metadata);
                ReadMetadata();
            }
            else
            {
                ReadFolders();
            }
        }
        catch
        {
            _metadata?.Dispose();
            throw;
        }

        _own = _metadata is null && Classes.Count > 0 ? ["image", "file", "label"] : ["image", "file"];
        Columns = [.. _own, .. (_metadata?.Columns ?? []).Where(c => c != "file_name" && !_own.Contains(c))];
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override long Count => _pictures.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; }

    /// <summary>Names of the classes in order; none where the pictures have no labels or a file names them.</summary>
    public IReadOnlyList<string> Classes { get; private set; } = [];

    /// <summary>Files in the folder that are no pictures, and were passed over.</summary>
    public long OtherFiles { get; private set; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files =>
        [.. _metadata?.Files ?? [], .. _pictures.Select(p => (p.File, Path.Combine(Name, p.File)))];

    /// <summary>Opens a folder; the pictures themselves are read when they are looked at.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="TrakException">The folder cannot be read, or holds no pictures.</exception>
    public static FolderSource Open(string path)
    {
        try
        {
            return new FolderSource(path);
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception))
        {
            throw FileAccessErrors.Explain("read", path, exception);
        }
    }

    /// <inheritdoc/>
    public override string Where(long row) => Path.Combine(Name, _pictures[checked((int)row)].File);

    /// <inheritdoc/>
    public override IReadOnlyList<string>? LabelNames(string column) =>
        column == "label" && Classes.Count > 0 ? Classes : _metadata?.LabelNames(column);

    /// <inheritdoc/>
    public override bool Has(string column) => base.Has(column) || _metadata?.Has(column) == true;

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.FirstOrDefault(column => !Has(column)) is { } missing) throw NoColumn(missing);
        string[] others = [.. columns.Where(c => !_own.Contains(c))];
        IReadOnlyList<object?[]>? rest = others.Length == 0 ? null : _metadata!.Read(rows, others);
        object?[][] result = new object?[rows.Count][];
        for (int i = 0; i < rows.Count; i++)
        {
            (string file, string? label) = _pictures[checked((int)rows[i])];
            result[i] = [.. columns.Select(column =>
                Array.IndexOf(others, column) is >= 0 and int at ? rest![i][at]
                : column == "image" ? new PictureFile(Path.Combine(Name, file))
                : column == "file" ? (object?)file
                : label)];
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _metadata?.Dispose();

    private void ReadFolders()
    {
        string[] folders = [.. Directory.GetDirectories(Name).Select(static d => Path.GetFileName(d)!)
            .Where(static d => !d.StartsWith('.')).Order(StringComparer.Ordinal)];
        List<string> classes = [], empty = [];
        foreach (string folder in folders)
        {
            int before = _pictures.Count;
            AddBelow(folder, folder);
            (_pictures.Count > before ? classes : empty).Add(folder);
        }

        int inFolders = _pictures.Count;
        AddIn(string.Empty, null);
        if (_pictures.Count == 0)
            throw new InputException(
                $"{Name} holds no pictures ({string.Join(", ", Extensions.Select(static e => e[1..]))})"
                + $"{(OtherFiles > 0 ? $"; it has {OtherFiles} other files" : "")}.");
        if (inFolders == 0) return;
        if (_pictures.Count > inFolders)
            throw new InputException(
                $"{Name} has {_pictures.Count - inFolders} pictures beside its folders, such as {_pictures[inFolders].File}, "
                + $"and {classes.Count} folders of classes; put each picture into the folder of its class.");
        if (classes.All(Splits.Contains))
            throw new InputException($"{Name} holds {string.Join(" and ", classes)}, which are parts of a data set and no classes; name one, {Path.Combine(Name, classes[0])}.");
        if (empty.Count > 0)
            throw new InputException(
                $"{Name} has folders without pictures, {string.Join(", ", empty.Take(5))}, which would be classes of their own; remove them.");
        Classes = classes;
    }

    // Folder by folder in the order of their paths, as os.walk sorted gives them.
    private void AddBelow(string folder, string label)
    {
        List<string> all = [folder];
        for (int i = 0; i < all.Count; i++)
            all.AddRange(Directory.GetDirectories(Path.Combine(Name, all[i])).Select(d => Path.Combine(all[i], Path.GetFileName(d))));
        foreach (string one in all.Order(StringComparer.Ordinal)) AddIn(one, label);
    }

    private void AddIn(string folder, string? label)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Name, folder)).Select(static f => Path.GetFileName(f)!).Order(
            StringComparer.Ordinal))
        {
            if (Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)) _pictures.Add(
                (Path.Combine(folder, file), label));
            else OtherFiles++;
        }
    }

    private void ReadMetadata()
    {
        RowSource metadata = _metadata!;
        if (!metadata.Has("file_name"))
            throw new InputException($"{metadata.Name} has no column 'file_name'; it has {metadata.ColumnNames}.");
        string root = Path.GetFullPath(Name);
        for (long row = 0; row < metadata.Count; row++)
        {
            if (metadata.Read(row, "file_name")[0] is not string { Length: > 0 } file)
                throw new InputException($"{metadata.Where(row)} names no file.");
            string full = Path.GetFullPath(Path.Combine(root, file));
            if (!full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new InputException($"{metadata.Where(row)} names {file}, which does not lie in {Name}.");
            _pictures.Add((file, null));
        }
    }
}
