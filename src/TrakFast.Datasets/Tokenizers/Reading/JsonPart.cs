using System.Text.Json;

namespace TrakFast.Datasets;

/// <summary>A part of a JSON file with its name there, for errors.</summary>
/// <param name="element">The value.</param>
/// <param name="name">Where it stands.</param>
internal readonly struct JsonPart(JsonElement element, string name)
{
    private const int LargestNumber = 1 << 30;

    /// <summary>Where the part stands.</summary>
    public string Name => name;

    /// <summary>Whether it is an object.</summary>
    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    /// <summary>Whether it is a string.</summary>
    public bool IsText => element.ValueKind == JsonValueKind.String;

    /// <summary>Whether it is an array.</summary>
    public bool IsArray => element.ValueKind == JsonValueKind.Array;

    /// <summary>Reads JSON in UTF-8 and hands on the whole of it.</summary>
    /// <param name="bytes">The JSON.</param>
    /// <param name="read">What makes something of it.</param>
    /// <exception cref="InputException">It is no JSON, or not what is wanted.</exception>
    public static T Read<T>(byte[] bytes, Func<JsonPart, T> read)
    {
        ReadOnlyMemory<byte> text = bytes;
        if (text.Span.StartsWith("\uFEFF"u8)) text = text[3..];
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return read(new JsonPart(document.RootElement, "the file"));
        }
        catch (JsonException error)
        {
            throw new InputException($"it is no JSON: {TokenizerText.Reason(error)}.", error);
        }
    }

    /// <summary>A part of an object; null where it is missing or null.</summary>
    public JsonPart? Maybe(string key)
    {
        if (!IsObject) throw Wrong("an object");
        return element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? new JsonPart(value, name == "the file" ? key : $"{name}.{key}")
            : null;
    }

    /// <summary>A part of an object that must be there.</summary>
    public JsonPart Part(string key) => Maybe(key) ?? throw new InputException($"{name} has no {key}.");

    /// <summary>The parts of an array.</summary>
    public IEnumerable<JsonPart> Items()
    {
        if (!IsArray) throw Wrong("an array");
        return Walk(element, name);

        static IEnumerable<JsonPart> Walk(JsonElement array, string name)
        {
            int i = 0;
            foreach (JsonElement item in array.EnumerateArray()) yield return new JsonPart(item, $"{name}[{i++}]");
        }
    }

    /// <summary>The parts of an object by their keys.</summary>
    public IEnumerable<(string Key, JsonPart Value)> Properties()
    {
        if (!IsObject) throw Wrong("an object");
        return Walk(element, name);

        static IEnumerable<(string, JsonPart)> Walk(JsonElement value, string name)
        {
            foreach (JsonProperty property in value.EnumerateObject())
                yield return (Decoded(name, () => property.Name), new JsonPart(property.Value, name));
        }
    }

    /// <summary>The string that it is.</summary>
    public string Text()
    {
        if (!IsText) throw Wrong("a string");
        JsonElement value = element;
        return Decoded(name, () => value.GetString()!);
    }

    /// <summary>The single code point that it is.</summary>
    public int Character()
    {
        string text = Text();
        return text.Length > 0 && CodePoints.Count(text) == 1 ? CodePoints.At(text, 0, out _) : throw Wrong("a single character");
    }

    /// <summary>The truth value that it is.</summary>
    public bool Truth() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("true or false"),
    };

    /// <summary>The number from 0 to 2³⁰ that it is.</summary>
    public int Number() => NumberOrNone() ?? throw Wrong("a number from 0 to 2^30");

    /// <summary>The number that it is; null where it is none from 0 to 2³⁰, as where a file says "without bound".</summary>
    public int? NumberOrNone() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) && value is >= 0 and <= LargestNumber
            ? value
            : null;

    /// <summary>The real number that it is.</summary>
    public double Real() => element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double value) && double.IsFinite(value)
        ? value
        : throw Wrong("a number");

    /// <summary>What "type" says of an object.</summary>
    public string Kind() => Part("type").Text();

    /// <summary>The error for a part that is something else.</summary>
    public InputException Wrong(string wanted) => new($"{name} is {Describe()} where {wanted} is wanted.");

    /// <summary>The error for a part of a kind that is not known.</summary>
    public InputException Unsupported(string what) => new($"{name} is of the type {TokenizerText.Quote(what)}, which is not supported.");

    private string Describe() => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {element.GetRawText()[..Math.Min(20, element.GetRawText().Length)]}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    // Halves of surrogate pairs, escaped, are no text.
    private static string Decoded(string name, Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException error)
        {
            throw new InputException($"{name} holds a string that is no Unicode text.", error);
        }
    }
}
