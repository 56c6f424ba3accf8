using System.Text;
using System.Text.Json;

namespace TrakFast.Onnx;

/// <summary>Reads the list of a model's parameters: a JSON list of names, or a text with one name a line.</summary>
public static class ParameterNames
{
    /// <summary>How such a list is made.</summary>
    internal const string Recipe =
        "in Python, json.dump([n for n, _ in model.named_parameters()], open(\"parameters.json\", \"w\")) writes one";

    // Names of a million parameters; nothing else of that size is such a list.
    private const long Largest = 1L << 28;

    /// <summary>Reads a list.</summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <returns>The names in their order, each once.</returns>
    /// <exception cref="TrakException">The file cannot be read, is something else, or names nothing.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        byte[] bytes;
        try
        {
            if (FileKind.Recognize(path) is { } kind)
                throw new TrakException($"The list of parameters '{path}' {kind}; {Recipe}.");
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > Largest)
                throw new TrakException($"The list of parameters '{path}' has {stream.Length} bytes; up to {Largest} are read.");
            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string why = Directory.Exists(path) ? "it is a directory"
                : error is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : error.Message.TrimEnd('.');
            throw new TrakException($"The list of parameters '{path}' cannot be read: {why}.", error);
        }

        return Parse(bytes, $"The list of parameters '{path}'");
    }

    /// <summary>Reads a list from its bytes.</summary>
    /// <param name="bytes">UTF-8, with or without a mark at its beginning.</param>
    /// <param name="what">What errors call it, with a capital letter.</param>
    /// <exception cref="TrakException">It is something else, or names nothing.</exception>
    internal static IReadOnlyList<string> Parse(ReadOnlySpan<byte> bytes, string what)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
        int begin = bytes.IndexOfAnyExcept(" \t\r\n"u8);
        HashSet<string> seen = new(StringComparer.Ordinal);
        List<string> names = [];
        foreach (string name in begin >= 0 && bytes[begin] is (byte)'[' or (byte)'{' or (byte)'"' ? Json(bytes, what) : Lines(bytes, what))
        {
            if (seen.Add(name)) names.Add(name);
        }

        return names.Count > 0 ? names : throw new TrakException($"{what} names no parameter; {Recipe}.");
    }

    private static List<string> Json(ReadOnlySpan<byte> bytes, string what)
    {
        List<string> names = [];
        Utf8JsonReader reader = new(bytes);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) throw Other();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.String) throw Other();
                names.Add(reader.GetString()!);
            }

            // What is behind the list is an error too.
            reader.Read();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new TrakException($"{what} is not JSON ({error.Message.TrimEnd('.')}); {Recipe}.", error);
        }

        return names;

        TrakException Other() => new($"{what} is JSON, but no list of names; {Recipe}.");
    }

    private static List<string> Lines(ReadOnlySpan<byte> bytes, string what)
    {
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (ArgumentException error)
        {
            throw new TrakException($"{what} is not text in UTF-8; {Recipe}.", error);
        }

        if (text.Contains('\0', StringComparison.Ordinal)) throw new TrakException($"{what} is not a text; {Recipe}.");
        return [.. text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0)];
    }
}
