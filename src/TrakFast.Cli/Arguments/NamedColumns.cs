namespace TrakFast.Cli.Arguments;

/// <summary>Columns by what they are for, as in <c>text=review,label=stars</c>.</summary>
internal static class NamedColumns
{
    /// <summary>
    /// Reads <c>ROLE=COLUMN</c>, separated by commas or in words of their own; <c>+</c> joins columns, and so does a role that comes
    /// again.
    /// </summary>
    /// <exception cref="FormatException">One is not of that form.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Parse(IEnumerable<string> texts)
    {
        Dictionary<string, List<string>> columns = new(StringComparer.Ordinal);
        foreach (string text in texts.SelectMany(static t =>
            t.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == text.Length - 1)
                throw new FormatException($"'{text}' is not ROLE=COLUMN, as in text=review; roles are image, text, text2, messages and label, and the model's inputs.");
            if (!columns.TryGetValue(text[..equals], out List<string>? list)) columns.Add(text[..equals], list = []);
            list.AddRange(text[(equals + 1)..].Split('+', StringSplitOptions.RemoveEmptyEntries));
        }

        return columns.ToDictionary(static c => c.Key, static c => (IReadOnlyList<string>)c.Value, StringComparer.Ordinal);
    }

    /// <summary>Reads <c>INPUT=WHAT</c>, each in a word of its own.</summary>
    /// <exception cref="FormatException">One is not of that form, or an input comes twice.</exception>
    public static IReadOnlyDictionary<string, string> ParseInputs(IEnumerable<string> texts)
    {
        Dictionary<string, string> inputs = new(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == text.Length - 1)
                throw new FormatException($"'{text}' is not INPUT=COLUMN, as in pixel_values=image.");
            if (!inputs.TryAdd(text[..equals], text[(equals + 1)..])) throw new FormatException($"The input '{text[..equals]}' is given twice.");
        }

        return inputs;
    }
}
