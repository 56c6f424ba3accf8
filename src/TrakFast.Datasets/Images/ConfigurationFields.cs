using System.Text.Json;

namespace TrakFast.Datasets;

/// <summary>The fields of a JSON object, of which each is read once and those that are left can be told.</summary>
/// <param name="json">The object.</param>
/// <param name="name">What errors call it.</param>
internal sealed class ConfigurationFields(JsonElement json, string name)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>What errors call the object.</summary>
    public string Name => name;

    /// <summary>The fields not asked for, and not null.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Left => json.EnumerateObject()
        .Where(p => !_read.Contains(p.Name) && p.Value.ValueKind != JsonValueKind.Null).Select(static p => (p.Name, p.Value));

    /// <summary>A field's value; null where it is missing or null.</summary>
    /// <param name="field">The field.</param>
    public JsonElement? Value(string field)
    {
        _read.Add(field);
        return json.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A field that is true or false.</summary>
    /// <param name="field">The field.</param>
    /// <param name="missing">What a missing one is.</param>
    /// <exception cref="InputException">It is something else.</exception>
    public bool Flag(string field, bool missing) => Value(field) is not { } value ? missing : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Not(field, value, "true or false"),
    };

    /// <summary>A field that is text.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="InputException">It is something else.</exception>
    public string? Text(string field) => Value(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Not(field, value, "text");

    /// <summary>A field that is a whole number.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="InputException">It is something else.</exception>
    public int? Whole(string field) => Value(field) is { } value ? Whole(field, value) : null;

    /// <summary>A field that is a finite number.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="InputException">It is something else.</exception>
    public double? Number(string field) => Value(field) is { } value ? Number(field, value) : null;

    /// <summary>A field that is a number or a list of them.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="InputException">It is something else.</exception>
    public double[]? Numbers(string field) => Value(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => Number(field, v))] : [Number(field, value)];

    /// <summary>A field that is an object.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="InputException">It is something else.</exception>
    public ConfigurationFields? Object(string field) => Value(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new(value, $"{name}: {field}") : throw Not(field, value, "an object");

    /// <summary>The error of a field that does not hold what it should.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">What it holds.</param>
    /// <param name="wanted">What it should.</param>
    public InputException Not(string field, JsonElement value, string wanted) =>
        new($"{name}: {field} is {Short(value)}, where {wanted} is wanted.");

    /// <summary>A value, cut to what a sentence can hold.</summary>
    /// <param name="value">The value.</param>
    public static string Short(JsonElement value)
    {
        string text = value.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= 80 ? text : $"{text[..79]}…";
    }

    private int Whole(string field, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == Math.Truncate(number)
            && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : throw Not(field, value, "a whole number");

    private double Number(string field, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Not(field, value, "a number");
}
