using System.Text;

namespace TrakFast;

/// <summary>
/// Writes a file as a whole or not at all: into a temporary file beside it, flushed to the disk, then renamed. Whoever
/// opens the path sees the old file or the new one, never half of either.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">Its path; the directory must exist.</param>
    /// <param name="write">Writes the contents; when it throws, nothing stays behind.</param>
    /// <param name="overwrite">Whether a file already there is replaced; otherwise it is an error.</param>
    /// <exception cref="TrakException">The file cannot be written.</exception>
    public static void Write(string path, Action<FileStream> write, bool overwrite = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string temporary = $"{path}.{Path.GetRandomFileName()}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush();
                DiskFlush.File(stream.SafeFileHandle);
            }

            File.Move(temporary, path, overwrite);
            DiskFlush.FolderOf(path);
        }
        catch (Exception e)
        {
            Discard(temporary);
            if (FileAccessErrors.Covers(e)) throw FileAccessErrors.Explain("written", path, e);
            throw;
        }
    }

    /// <summary>Writes a file that is small enough to be in memory.</summary>
    /// <param name="path">Its path; the directory must exist.</param>
    /// <param name="bytes">The contents.</param>
    /// <exception cref="TrakException">The file cannot be written.</exception>
    public static void WriteBytes(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <summary>Gives a file that is complete and flushed its name, in place of one that had it.</summary>
    /// <exception cref="TrakException">It cannot be renamed.</exception>
    public static void Replace(string file, string path)
    {
        try
        {
            File.Move(file, path, overwrite: true);
            DiskFlush.FolderOf(path);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            throw FileAccessErrors.Explain("written", path, e);
        }
    }

    /// <summary>Writes a text file, UTF-8 without a byte-order mark.</summary>
    /// <param name="path">Its path; the directory must exist.</param>
    /// <param name="text">The contents.</param>
    /// <exception cref="TrakException">The file cannot be written.</exception>
    public static void WriteText(string path, string text) =>
        WriteBytes(path, Encoding.UTF8.GetBytes(text));

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            // What went wrong first is what the caller has to know.
        }
    }
}
