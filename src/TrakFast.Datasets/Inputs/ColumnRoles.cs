namespace TrakFast.Datasets;

/// <summary>Which columns of a source hold pictures, texts and labels.</summary>
public sealed class ColumnRoles
{
    /// <summary>The role of pictures.</summary>
    public const string Image = "image";

    /// <summary>The role of texts.</summary>
    public const string Text = "text";

    /// <summary>The role of the second text of a pair.</summary>
    public const string Pair = "text2";

    /// <summary>The role of chats: lists of messages with a role and a content.</summary>
    public const string Messages = "messages";

    /// <summary>The role of labels.</summary>
    public const string Label = "label";

    // What people call them. The first that is there counts; pairs go together.
    private static readonly string[] Labels = ["label", "labels", "target", "class", "category", "y"];
    private static readonly string[] Images = ["image", "img", "picture", "photo", "image_path", "image_file", "path", "file"];
    private static readonly string[] Chats = ["messages", "conversations", "conversation"];
    private static readonly (string Text, string? Pair)[] Texts =
    [
        ("text", "text2"), ("text", "text_pair"), ("premise", "hypothesis"), ("sentence1", "sentence2"), ("question1", "question2"), ("question", "sentence"),
        ("question", "context"), ("text", null), ("sentence", null), ("content", null), ("document", null), ("review", null), ("caption", null),
    ];

    private static readonly string[] PictureEnds = [".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp"];
    private readonly RowSource _source;
    private readonly Dictionary<string, IReadOnlyList<string>> _given;
    private readonly Dictionary<string, object?> _first;

    /// <summary>Looks at a source's columns and its first row.</summary>
    /// <param name="source">The source.</param>
    /// <param name="given">What the user says: columns by role, or by an input of the model.</param>
    /// <exception cref="TrakException">A column that the user names is not there, or the first row cannot be read.</exception>
    public ColumnRoles(RowSource source, IReadOnlyDictionary<string, IReadOnlyList<string>> given)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(given);
        _source = source;
        _given = given.ToDictionary(static g => g.Key, g => Expand(g.Value), StringComparer.Ordinal);
        object?[] first = source.FirstUsable(row => source.Read(row, source.Columns));
        _first = source.Columns.Zip(first).ToDictionary(static c => c.First, static c => c.Second, StringComparer.Ordinal);
        LabelColumns = _given.GetValueOrDefault(Label) ?? (Labels.FirstOrDefault(IsFree) is { } label ? [label] : []);
        ImageColumn = Single(Image) ?? Images.FirstOrDefault(c => IsFree(c) && IsPicture(_first[c]))
            ?? source.Columns.FirstOrDefault(c => IsFree(c) && !LabelColumns.Contains(c) && IsPicture(_first[c]));
        MessagesColumn = Single(Messages) ?? (_given.ContainsKey(Text) ? null
            : Chats.FirstOrDefault(c => IsFree(c) && _first[c] is IReadOnlyList<object?>));
        (TextColumn, PairColumn) = FindTexts();
    }

    /// <summary>The column of pictures, or null.</summary>
    public string? ImageColumn { get; }

    /// <summary>The column of texts, or null.</summary>
    public string? TextColumn { get; }

    /// <summary>The column of the texts that go with them in pairs, or null.</summary>
    public string? PairColumn { get; }

    /// <summary>The column of chats, or null.</summary>
    public string? MessagesColumn { get; }

    /// <summary>The columns of labels; several are the values of a regression.</summary>
    public IReadOnlyList<string> LabelColumns { get; }

    /// <summary>What the user says of a role or an input; null where nothing is said.</summary>
    public IReadOnlyList<string>? Given(string role) => _given.GetValueOrDefault(role);

    /// <summary>Whether a value is a picture, or leads to one.</summary>
    internal static bool IsPicture(object? value) => value switch
    {
        PictureFile or Picture => true,
        byte[] bytes => PictureBytes.LooksLikePicture(bytes),
        IReadOnlyDictionary<string, object?> parts => parts.GetValueOrDefault("bytes") is byte[] || IsPicture(parts.GetValueOrDefault("path")),
        string text => PictureEnds.Any(end => text.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            && !text.Contains('\n', StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Columns by their names; <c>x*</c> stands for all that fit, in the order of the file.</summary>
    /// <exception cref="InputException">There is no such column.</exception>
    internal IReadOnlyList<string> Expand(IReadOnlyList<string> columns) => [.. columns.SelectMany(column =>
    {
        if (_source.Has(column)) return [column];
        string[] fitting = column.Contains('*', StringComparison.Ordinal)
            ? [.. _source.Columns.Where(c => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(column, c, ignoreCase: false))]
            : [];
        return fitting.Length > 0 ? fitting
            : throw new InputException($"{_source.Name} has no column '{column}'; it has {_source.ColumnNames}.");
    })];

    private string? Single(string role) => _given.GetValueOrDefault(role) switch
    {
        null => null,
        [string one] => one,
        { } several => throw new InputException($"--columns names {several.Count} columns for '{role}', {string.Join(", ", several)}; one is wanted."),
    };

    private bool IsFree(string column) => _first.ContainsKey(column) && !_given.Values.Any(v => v.Contains(column));

    private (string? Text, string? Pair) FindTexts()
    {
        if (Single(Text) is { } text) return (text, Single(Pair));
        if (MessagesColumn is not null) return (null, null);
        foreach ((string first, string? second) in Texts)
        {
            if (IsText(first) && (second is null || IsText(second))) return (first, Single(Pair) ?? second);
        }

        string[] others = [.. _source.Columns.Where(IsText)];
        return others.Length == 1 ? (others[0], Single(Pair)) : (null, Single(Pair));
    }

    private bool IsText(string column) => column != "file" && IsFree(column) && !LabelColumns.Contains(column) && column != ImageColumn
        && _first[column] is string value && !IsPicture(value)
            && !double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _);
}
