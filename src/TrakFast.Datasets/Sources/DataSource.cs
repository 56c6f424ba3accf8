namespace TrakFast.Datasets;

/// <summary>Opens what people have, by what it is.</summary>
public static class DataSource
{
    private static readonly string[] Kinds =
    [
        "a folder of pictures", ".csv", ".tsv", ".jsonl", ".parquet", ".txt", "IDX (train-images-idx3-ubyte)", "CIFAR (.bin)",
    ];

    /// <summary>Opens a source.</summary>
    /// <param name="path">
    /// A folder of pictures, of CIFAR's batches or of Parquet files; a .csv, .tsv, .jsonl, .ndjson, .parquet or .txt file, an IDX or CIFAR
    /// file; or a pattern with <c>*</c> in its last part for several files of a kind, which follow each other in the order of their names.
    /// </param>
    /// <exception cref="TrakException">There is no such thing, or it is of no kind that is known, or cannot be read.</exception>
    public static RowSource Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            if (Directory.Exists(path)) return OpenFolder(path);
            if (File.Exists(path)) return OpenFile(path);
            string pattern = Path.GetFileName(path), folder = Path.GetDirectoryName(path) is { Length: > 0 } given ? given : ".";
            if (!pattern.Contains('*', StringComparison.Ordinal))
                throw new InputException($"{path} is not there: neither a file nor a folder has that name. (An array is NAME=FILE.npy.)");
            string[] files = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, pattern).Order(NaturalOrder.Instance)] : [];
            return files.Length == 0 ? throw new InputException($"No file fits {path}.") : Concatenate(path, files);
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception))
        {
            throw FileAccessErrors.Explain("read", path, exception);
        }
    }

    /// <summary>Opens a file by its name.</summary>
    /// <exception cref="TrakException">It is of no kind that is known, or cannot be read.</exception>
    internal static RowSource OpenFile(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" or ".tsv" => CsvSource.Open(path),
        ".jsonl" or ".ndjson" => JsonLinesSource.Open(path),
        ".parquet" => ParquetSource.Open(path),
        ".txt" => TextLinesSource.Open(path),
        _ when IdxSource.IsIdx(path) => IdxSource.Open(path),
        ".bin" => CifarSource.Open(path),
        ".npy" => throw new InputException($"{path} is an array, which needs the name of what reads it: NAME={path}."),
        _ => throw new InputException($"{path} is of no kind that is known; there are {string.Join(", ", Kinds)}, and NAME=FILE.npy."),
    };

    private static RowSource OpenFolder(string path)
    {
        string[] batches = [.. Directory.GetFiles(path, "data_batch_*.bin").Order(NaturalOrder.Instance)];
        if (batches.Length > 0) return Concatenate(path, batches);
        string[] parquet = [.. Directory.GetFiles(path, "*.parquet").Where(static f => Path.GetFileName(f) != "metadata.parquet").Order(NaturalOrder.Instance)];
        return parquet.Length > 0 ? Concatenate(path, parquet) : FolderSource.Open(path);
    }

    private static RowSource Concatenate(string name, string[] files)
    {
        List<RowSource> parts = [];
        try
        {
            foreach (string file in files) parts.Add(OpenFile(file));
            return parts.Count == 1 ? parts[0] : new ConcatenatedSource(name, parts);
        }
        catch
        {
            foreach (RowSource part in parts) part.Dispose();
            throw;
        }
    }
}
