namespace TrakFast.Datasets;

/// <summary>A row as people see it: what they had, not what the model reads.</summary>
/// <param name="Picture">Its picture, or null.</param>
/// <param name="Text">Its text, or null.</param>
/// <param name="Pair">The second text of a pair, or null.</param>
/// <param name="Label">Its label, in words where there are some, or null.</param>
public sealed record ShownRow(Picture? Picture, string? Text, string? Pair, string? Label);

/// <summary>Shows a source's rows: for reports, tables and pages alike.</summary>
public sealed class RowView
{
    private readonly ColumnRoles _roles;
    private readonly RowText? _text;
    private readonly ClassNumbers? _classes;
    private readonly DataOptions _options;

    /// <summary>Finds what of a source is shown.</summary>
    /// <param name="source">The source, which must outlive the view.</param>
    /// <param name="options">Columns and names of labels.</param>
    /// <exception cref="TrakException">A column is not there, or the rows cannot be read.</exception>
    public RowView(RowSource source, DataOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        (Source, _options) = (source, options);
        _roles = new ColumnRoles(source, options.Columns);
        string? text = _roles.MessagesColumn ?? _roles.TextColumn;
        _text = text is null ? null
            : new RowText(_roles.PairColumn is { } pair && _roles.MessagesColumn is null ? [text, pair] : [text], options.Chat);
        if (_roles.LabelColumns is [var label]) _classes = ClassNumbers.Of(source, label, options.LabelNames);
    }

    /// <summary>The rows.</summary>
    public RowSource Source { get; }

    /// <summary>Whether rows have labels.</summary>
    public bool HasLabels => _roles.LabelColumns.Count > 0;

    /// <summary>Whether rows have a picture.</summary>
    public bool HasPictures => _roles.ImageColumn is not null;

    /// <summary>Whether rows have a text.</summary>
    public bool HasText => _text is not null;

    /// <summary>What a class is called.</summary>
    public string ClassName(long number) => _classes?.Names is { } names && number >= 0 && number < names.Count
        ? names[(int)number]
        : number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A row as people see it.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="withPicture">Whether to decode the picture.</param>
    /// <exception cref="TrakException">The row cannot be read.</exception>
    public ShownRow Read(long row, bool withPicture = true)
    {
        string where = Source.Where(row);
        (string? text, string? pair) = (null, null);
        if (_text is not null) (text, pair) = _text.Read(Source.Read(row, _text.Columns), where);
        Picture? picture = withPicture && _roles.ImageColumn is { } column
            ? PictureBytes.Read(Source.Read(row, column)[0], where, Source.Folder, _options.Upright)
            : null;
        object?[] labels = Source.Read(row, _roles.LabelColumns);
        string? label = labels.Length == 0 ? null
            : _classes is not null ? _classes.Name(labels[0])
            : string.Join(", ", labels.Select(static l => Convert.ToString(l, System.Globalization.CultureInfo.InvariantCulture)));
        return new ShownRow(picture, text, pair, label);
    }
}
