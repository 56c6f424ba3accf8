using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace TrakFast;

/// <summary>JSON files: read with the file's name in every error, written as a whole or not at all.</summary>
internal static class JsonFile
{
    private const long Largest = 64 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="type">The type's generated JSON metadata.</param>
    /// <exception cref="TrakException">The file cannot be read, is larger than 64 MiB, or holds something else.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : notnull
    {
        using var file = FileBytes.Open(path, FileAccess.Read);
        long length = FileBytes.Length(file, path);
        if (length > Largest)
            throw new TrakException($"{path} has {length} bytes, more than the {Largest} that a JSON file may have here.");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        FileBytes.Read(file, path, 0, bytes);
        try
        {
            ReadOnlySpan<byte> text = bytes;
            if (text.StartsWith("\uFEFF"u8)) text = text[3..];
            return JsonSerializer.Deserialize(text, type)
                ?? throw new TrakException($"{path} holds null, where {typeof(T).Name} is wanted.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TrakException($"{path} cannot be read as JSON of {typeof(T).Name}: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Writes a file.</summary>
    /// <param name="path">Its path; the directory must exist.</param>
    /// <param name="value">What to write.</param>
    /// <param name="type">The type's generated JSON metadata.</param>
    /// <exception cref="TrakException">The file cannot be written.</exception>
    public static void Write<T>(string path, T value, JsonTypeInfo<T> type) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, type));
}
