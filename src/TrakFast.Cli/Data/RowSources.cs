using TrakFast.Datasets;

namespace TrakFast.Cli.Data;

/// <summary>Opens the rows that a command line or a run's record names.</summary>
internal static class RowSources
{
    /// <summary>Opens one or more files or folders of rows, one after the other.</summary>
    /// <exception cref="TrakException">One cannot be read, or they have other columns.</exception>
    public static RowSource Open(IReadOnlyList<string> paths)
    {
        if (paths.Count == 1) return DataSource.Open(paths[0]);
        List<RowSource> parts = [];
        try
        {
            foreach (string path in paths) parts.Add(DataSource.Open(path));
            return new ConcatenatedSource($"{paths[0]} and {paths.Count - 1} more", parts);
        }
        catch
        {
            foreach (RowSource part in parts) part.Dispose();
            throw;
        }
    }

    /// <summary>Opens the rows of a set as a run had them.</summary>
    /// <param name="kept">The set; it must be of rows.</param>
    /// <param name="options">The options that show them.</param>
    /// <exception cref="TrakException">They are not there any more, or cannot be read.</exception>
    public static RowSource Open(KeptSet kept, out DataOptions options)
    {
        options = new DataOptions
        {
            Columns = (kept.Columns ?? []).ToDictionary(static c => c.Key, static c => (IReadOnlyList<string>)c.Value),
            LabelNames = kept.LabelNames,
            Chat = kept.Template is null ? ChatTemplate.Default : new ChatTemplate(kept.Template),
            Tokenizer = kept.Tokenizer is null ? null : TextTokenizer.Read(kept.Tokenizer),
            MaxLength = kept.MaxLength,
            Upright = !kept.AsStored,
        };
        RowSource rows = Open(kept.Sources!);
        try
        {
            if (kept.Overlap is { } overlap) rows = ChunkedSource.Of(rows, options, overlap);
            return kept.LeftOut is { Length: > 0 } out_ ? SelectedRows.Without(rows, out_.Select(static l => l.Row)) : rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }
}
