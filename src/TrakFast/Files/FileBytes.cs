using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>Reads and writes stretches of an open file at 64-bit offsets; any number of threads at once.</summary>
internal static class FileBytes
{
    /// <summary>Opens an existing file.</summary>
    /// <exception cref="TrakException">It cannot be opened.</exception>
    public static SafeFileHandle Open(string path, FileAccess access)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            throw FileAccessErrors.Explain(access == FileAccess.Read ? "read" : "opened for writing", path, e);
        }
    }

    /// <summary>Bytes the file has.</summary>
    /// <exception cref="TrakException">It has no length, as a pipe has none.</exception>
    public static long Length(SafeFileHandle file, string path)
    {
        try
        {
            return RandomAccess.GetLength(file);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            throw FileAccessErrors.Explain("read", path, e);
        }
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>.</summary>
    /// <exception cref="TrakException">The file ends before that or cannot be read.</exception>
    public static void Read(SafeFileHandle file, string path, long offset, Span<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int read = RandomAccess.Read(file, destination, offset);
                if (read == 0)
                    throw new TrakException(
                        $"{path} ends at byte {offset}, where {destination.Length} more are wanted; it was cut short while open.");
                destination = destination[read..];
                offset += read;
            }
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            throw FileAccessErrors.Explain("read", path, e);
        }
    }

    /// <summary>Writes <paramref name="source"/> at <paramref name="offset"/>.</summary>
    /// <exception cref="TrakException">The file cannot be written.</exception>
    public static void Write(SafeFileHandle file, string path, long offset, ReadOnlySpan<byte> source)
    {
        try
        {
            RandomAccess.Write(file, source, offset);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            throw FileAccessErrors.Explain("written", path, e);
        }
    }

    /// <summary>Waits until everything written lies on the disk.</summary>
    /// <exception cref="TrakException">The disk refuses.</exception>
    public static void Flush(SafeFileHandle file, string path)
    {
        try
        {
            DiskFlush.File(file);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            throw FileAccessErrors.Explain("written", path, e);
        }
    }
}
