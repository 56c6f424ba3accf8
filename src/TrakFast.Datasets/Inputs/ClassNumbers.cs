using System.Globalization;

namespace TrakFast.Datasets;

/// <summary>
/// The numbers of a column of class labels: as they stand where they are whole numbers, and otherwise words, numbered in their ordinal
/// order or in the order of given names.
/// </summary>
public sealed class ClassNumbers
{
    private readonly Dictionary<string, long>? _numbers;
    private readonly string _names;

    private ClassNumbers(IReadOnlyList<string>? names, bool areWords, string origin)
    {
        Names = names;
        AreWords = areWords;
        _names = origin;
        if (!areWords) return;
        _numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < names!.Count; i++)
        {
            if (!_numbers.TryAdd(names[i], i)) throw new InputException($"The class '{names[i]}' stands twice among {origin}.");
        }
    }

    /// <summary>The classes' names by number; null where they have none.</summary>
    public IReadOnlyList<string>? Names { get; }

    /// <summary>Whether the column holds words.</summary>
    public bool AreWords { get; }

    /// <summary>How the numbers come about, for people.</summary>
    public string Description => AreWords ? $"words, numbered as {_names}" : "whole numbers";

    /// <summary>Goes through a column.</summary>
    /// <param name="source">The source.</param>
    /// <param name="column">Its column of labels.</param>
    /// <param name="names">The classes' names in order, or null.</param>
    /// <exception cref="TrakException">The column cannot be read.</exception>
    public static ClassNumbers Of(RowSource source, string column, IReadOnlyList<string>? names)
    {
        ArgumentNullException.ThrowIfNull(source);
        IReadOnlyList<string>? known = names ?? source.LabelNames(column);
        string origin = names is not null ? "the names given" : "the names in the data";
        SortedSet<string> words = new(StringComparer.Ordinal);
        bool areNumbers = true;
        foreach (object? value in SourceDataset.Column(source, column))
        {
            if (value is null) continue;
            areNumbers &= Whole(value) is not null;
            if (areNumbers) continue;
            if (known is not null) return new ClassNumbers(known, areWords: true, origin);
            break;
        }

        if (areNumbers) return new ClassNumbers(known, areWords: false, origin);
        foreach (object? value in SourceDataset.Column(source, column))
        {
            if (value is not null) words.Add(Text(value));
        }

        return new ClassNumbers([.. words], areWords: true, "their ordinal order");
    }

    /// <summary>A label's number.</summary>
    /// <exception cref="InputException">There is no label, or the class is not among the names.</exception>
    internal long Number(object? value, string where, string column)
    {
        if (value is null or "") throw new InputException($"{where} has no label in the column '{column}'.");
        if (!AreWords) return Whole(value) ?? throw new InputException($"{where} has the label '{Text(value)}', and the others are whole numbers.");
        return _numbers!.TryGetValue(Text(value), out long number) ? number
            : throw new InputException($"{where} has the label '{Text(value)}', which is not one of {Listed()}.");
    }

    /// <summary>What a label is called.</summary>
    internal string? Name(object? value) => value is null ? null
        : !AreWords && Whole(value) is { } number && Names is { } names && number >= 0 && number < names.Count ? names[(int)number]
            : Text(value);

    private static long? Whole(object value) => value switch
    {
        long whole => whole,
        bool truth => truth ? 1 : 0,
        double number when number == Math.Floor(number) && Math.Abs(number) < 1L << 53 => (long)number,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number == Math.Floor(number)
            && Math.Abs(number) < 1L << 53 => (long)number,
        _ => null,
    };

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;

    private string Listed() => Names!.Count <= 10
        ? string.Join(", ", Names)
        : $"{string.Join(", ", Names.Take(10))} and {Names.Count - 10} more ({_names})";
}
