namespace TrakFast.Datasets;

/// <summary>Reads whole files with their names in every error.</summary>
internal static class PictureFileReader
{
    /// <summary>The file's bytes.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="largest">The most bytes it may have.</param>
    /// <exception cref="InputException">It cannot be read or is larger.</exception>
    public static byte[] Read(string path, long largest)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            long length = stream.Length;
            if (length > largest) throw new InputException($"{path} has {length} bytes, more than the {largest} that are read here.");
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException($"{path} cannot be read: {Reason(path, e)}.", e);
        }
    }

    private static string Reason(string path, Exception exception) => exception switch
    {
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "its directory does not exist",
        EndOfStreamException => "it was cut short while open",
        NotSupportedException => "it is a pipe or a device, and what is read here must be a file",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
        UnauthorizedAccessException => "access is denied",
        _ => exception.Message.TrimEnd('.'),
    };
}
