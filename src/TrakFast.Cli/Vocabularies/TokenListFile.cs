using System.Text;
using System.Text.Json;

namespace TrakFast.Cli.Vocabularies;

/// <summary>
/// Reads the files that map ids to texts: one entry a line (BERT's <c>vocab.txt</c>, SentencePiece's <c>.vocab</c>), a
/// JSON object or array (GPT-2's <c>vocab.json</c>), or HuggingFace's <c>tokenizer.json</c>.
/// </summary>
internal static class TokenListFile
{
    /// <summary>Most bytes of a file; the largest published vocabularies have a quarter of them.</summary>
    public const long Largest = 128 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file of any of the formats.</summary>
    /// <exception cref="TrakException">It cannot be read, is empty, too large, binary, or does not map ids to texts one to one.</exception>
    public static TokenList Read(string path)
    {
        byte[] bytes = ReadBytes(path);
        ReadOnlySpan<byte> content = bytes;
        int mark = content.StartsWith("\uFEFF"u8) ? 3 : 0;
        content = content[mark..];
        if (content.IsEmpty) throw new TrakException($"{path} is empty; at least one entry is wanted.");
        if (content.Contains((byte)0))
            throw new TrakException(
                $"{path} holds binary data, where text in UTF-8 is wanted: one entry a line, or JSON; "
                + "of a SentencePiece model, give its .vocab or tokenizer.json.");
        string text;
        try
        {
            text = Strict.GetString(content);
        }
        catch (DecoderFallbackException exception)
        {
            throw new TrakException(
                $"{path} is no text in UTF-8: byte {mark + exception.Index} does not belong to any character; save it in UTF-8.",
                exception);
        }

        TokenList list = IsJson(path, text) ? ReadJson(path, bytes.AsMemory(mark)) : TokenLines.Read(path, text);
        return list.Entries.Count > 0 ? list : throw new TrakException($"{path} has no entries; at least one is wanted.");
    }

    // A file of lines may begin with a bracket too, as BERT's does with [PAD]; JSON goes on with a string or an array.
    private static bool IsJson(string path, string text)
    {
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return true;
        ReadOnlySpan<char> start = text.AsSpan().TrimStart();
        if (start.IsEmpty || start[0] is not ('{' or '[')) return false;
        ReadOnlySpan<char> next = start[1..].TrimStart();
        return !next.IsEmpty && (next[0] == '"' || (start[0] == '[' && next[0] is '[' && next[1..].TrimStart() is ['"', ..]));
    }

    private static TokenList ReadJson(string path, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return TokenJson.Read(path, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TrakException($"{path} cannot be read as JSON: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static byte[] ReadBytes(string path)
    {
        if (Directory.Exists(path)) throw new TrakException($"{path} cannot be read: it is a directory.");
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > Largest)
                throw new TrakException($"{path} has {file.Length} bytes, more than the {Largest} that a vocabulary may have.");
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TrakException($"{path} cannot be read: there is no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TrakException($"{path} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
