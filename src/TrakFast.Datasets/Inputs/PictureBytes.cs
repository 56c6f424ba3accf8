namespace TrakFast.Datasets;

/// <summary>
/// Finds a picture in the value of a column: decoded, in a file, as bytes, or as Hugging Face's structure of bytes and path.
/// </summary>
internal static class PictureBytes
{
    // Enough for any camera's.
    private const long MostBytes = 1L << 30;

    /// <summary>Whether bytes begin as a picture does.</summary>
    public static bool LooksLikePicture(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF]) || bytes.StartsWith<byte>([0x89, 0x50, 0x4E, 0x47]) || bytes.StartsWith("GIF8"u8)
        || bytes.StartsWith("BM"u8) || (bytes.StartsWith("RIFF"u8) && bytes.Length > 12 && bytes[8..12].SequenceEqual("WEBP"u8));

    /// <summary>The picture of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="where">Where it stands.</param>
    /// <param name="folder">What paths are relative to.</param>
    /// <param name="orient">Whether to turn it as its EXIF data say.</param>
    /// <exception cref="TrakException">There is none, or it is damaged.</exception>
    public static Picture Read(object? value, string where, string folder, bool orient)
    {
        if (value is Picture decoded) return decoded;
        (byte[] bytes, string name) = Bytes(value, where, folder);
        return PictureDecoder.Decode(bytes, name, orient);
    }

    /// <summary>The bytes of a picture's file, and what to call it.</summary>
    /// <exception cref="TrakException">There are none, or the file cannot be read.</exception>
    public static (byte[] Bytes, string Name) Bytes(object? value, string where, string folder) => value switch
    {
        PictureFile file => (WholeFile.Read(file.Path, MostBytes), file.Path),
        byte[] { Length: > 0 } bytes => (bytes, where),
        IReadOnlyDictionary<string, object?> parts when parts.GetValueOrDefault("bytes") is byte[] { Length: > 0 } bytes => (bytes, where),
        IReadOnlyDictionary<string, object?> parts when parts.GetValueOrDefault("path") is string { Length: > 0 } path =>
            (WholeFile.Read(Path.Combine(folder, path), MostBytes), $"{where}: {path}"),
        string { Length: > 0 } path => (WholeFile.Read(Path.Combine(folder, path), MostBytes), $"{where}: {path}"),
        _ => throw new InputException($"{where} has no picture."),
    };
}
