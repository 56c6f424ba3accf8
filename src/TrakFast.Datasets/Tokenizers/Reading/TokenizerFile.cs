namespace TrakFast.Datasets;

/// <summary>Reads a tokenizer's files as a whole.</summary>
internal static class TokenizerFile
{
    private const long Largest = 512L << 20;

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="TrakException">It cannot be read, or is larger than 512 MiB.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > Largest)
                throw new InputException($"{path} has {stream.Length} bytes, more than the {Largest} that a tokenizer's file may have.");
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)stream.Length);
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TrakException($"{path} cannot be read: there is no such file.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            string why = Directory.Exists(path) ? "it is a directory" : TokenizerText.Reason(error);
            throw new TrakException($"{path} cannot be read: {why}.", error);
        }
    }

    /// <summary>The lines of a text in UTF-8, without what ends them.</summary>
    public static IEnumerable<string> Lines(byte[] bytes)
    {
        int start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        while (start < bytes.Length)
        {
            int end = Array.IndexOf(bytes, (byte)'\n', start);
            int stop = end < 0 ? bytes.Length : end;
            int last = stop > start && bytes[stop - 1] == '\r' ? stop - 1 : stop;
            yield return System.Text.Encoding.UTF8.GetString(bytes, start, last - start);
            start = stop + 1;
        }
    }
}
