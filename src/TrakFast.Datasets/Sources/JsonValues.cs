using System.Text.Json;

namespace TrakFast.Datasets;

/// <summary>JSON as values of a source.</summary>
internal static class JsonValues
{
    /// <summary>What stands at a path; a name with dots in it goes before a path. Null where there is nothing.</summary>
    public static object? At(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object) return null;
        if (element.TryGetProperty(path, out JsonElement whole)) return Of(whole);
        int dot = path.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && element.TryGetProperty(path[..dot], out JsonElement inner) ? At(inner, path[(dot + 1)..]) : null;
    }

    private static object? Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => Text(element),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => element.TryGetInt64(out long whole) ? whole : element.GetDouble(),
        JsonValueKind.Array => element.EnumerateArray().Select(Of).ToArray(),
        JsonValueKind.Object => Fields(element),
        _ => null,
    };

    private static Dictionary<string, object?> Fields(JsonElement element)
    {
        Dictionary<string, object?> fields = new(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject()) fields[property.Name] = Of(property.Value);
        return fields;
    }

    // Half of a surrogate pair may be escaped in JSON, and is no text.
    private static string? Text(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }
}
