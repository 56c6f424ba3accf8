namespace TrakFast.Datasets;

/// <summary>Reads whole files with their names in every error.</summary>
internal static class WholeFile
{
    /// <summary>The file's bytes.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="largest">The most bytes it may have.</param>
    /// <exception cref="TrakException">It cannot be read or is larger.</exception>
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
        catch (EndOfStreamException exception)
        {
            throw new InputException($"{path} cannot be read: it was cut short while open.", exception);
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception) || exception is ArgumentException)
        {
            throw FileAccessErrors.Explain("read", path, exception);
        }
    }
}
