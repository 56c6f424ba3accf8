namespace TrakFast.Datasets;

/// <summary>
/// Long texts cut into windows of tokens, each a row of its own. The column <c>document</c> tells the row of the text that a window comes
/// from, so that scores can be summed by document, and <c>chunk</c> its place there. The tokens are held in memory.
/// </summary>
public sealed class ChunkedSource : RowSource
{
    private static readonly string[] Added = ["document", "chunk"];
    private readonly RowSource _source;
    private readonly string _column;
    private readonly string _settings;
    private readonly List<(long Document, int Chunk, TextChunk Content)> _chunks = [];

    private ChunkedSource(RowSource source, string column, string settings) => (_source, _column, _settings) = (source, column, settings);

    /// <inheritdoc/>
    public override string Name => _source.Name;

    /// <inheritdoc/>
    public override string Folder => _source.Folder;

    /// <inheritdoc/>
    public override long Count => _chunks.Count;

    /// <summary>Number of texts.</summary>
    public long Documents => _source.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [.. _source.Columns, .. Added.Where(c => !_source.Columns.Contains(c))];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files => _source.Files;

    /// <inheritdoc/>
    protected override string Selection => _settings;

    /// <summary>Cuts the texts of a source, which it owns from then on.</summary>
    /// <param name="source">The source.</param>
    /// <param name="options">The tokenizer, the length of a window in tokens, special ones included, and the column of texts.</param>
    /// <param name="overlap">Tokens that a window shares with the one before.</param>
    /// <exception cref="TrakException">The tokenizer or the length is missing, there is no column of texts, or a row cannot be read.</exception>
    public static ChunkedSource Of(RowSource source, DataOptions options, int overlap)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Tokenizer is not { } tokenizer || options.MaxLength is not { } length)
            throw new InputException("Windows of long texts (--chunk) are counted in tokens: --tokenizer and --max-length are wanted.");
        ColumnRoles roles = new(source, options.Columns);
        string column = roles.MessagesColumn ?? roles.TextColumn
            ?? throw new InputException($"{source.Name} has no column of texts that is known by its name; --columns text=COLUMN names it. There are {source.ColumnNames}.");
        RowText text = new([column], options.Chat);
        ChunkedSource chunked = new(source, column, $"{column} {length} {overlap} {tokenizer.Fingerprint}");
        for (long row = 0; row < source.Count; row++)
        {
            int place = 0;
            foreach (TokenSequence window in tokenizer.Chunk(text.Read(source.Read(row, column), source.Where(row)).Text, length, overlap))
                chunked._chunks.Add((row, place++, new TextChunk(window, tokenizer.Decode(window.Ids))));
        }

        return chunked._chunks.Count > 0 ? chunked : throw new InputException($"{source.Name} holds no text in the column '{column}'.");
    }

    /// <inheritdoc/>
    public override string Where(long row) => $"{_source.Where(_chunks[checked((int)row)].Document)}, window {_chunks[checked((int)row)].Chunk}";

    /// <inheritdoc/>
    public override IReadOnlyList<string>? LabelNames(string column) => _source.LabelNames(column);

    /// <inheritdoc/>
    public override bool Has(string column) => Added.Contains(column) || _source.Has(column);

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        string[] others = [.. columns.Where(c => c != _column && !Added.Contains(c))];
        IReadOnlyList<object?[]>? rest = others.Length == 0 ? null
            : _source.Read([.. rows.Select(r => _chunks[checked((int)r)].Document)], others);
        object?[][] result = new object?[rows.Count][];
        for (int i = 0; i < rows.Count; i++)
        {
            (long document, int chunk, TextChunk content) = _chunks[checked((int)rows[i])];
            result[i] = [.. columns.Select(column =>
                column == _column ? content
                : column == "document" ? document
                : column == "chunk" ? (long)chunk
                : rest![i][Array.IndexOf(others, column)])];
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _source.Dispose();
}
