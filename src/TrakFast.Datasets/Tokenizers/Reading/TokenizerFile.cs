namespace TrakFast.Datasets;

/// <summary>Reads a tokenizer's files as a whole.</summary>
internal static class TokenizerFile
{
    private const long Largest = 512L << 20;

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="TrakException">It cannot be read, or is larger than 512 MiB.</exception>
    public static byte[] Read(string path) => WholeFile.Read(path, Largest);

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
