using TrakFast.Cli.Consoles;
using TrakFast.Cli.Formatting;

namespace TrakFast.Cli.Doctor;

/// <summary>Whether files can be made in a directory, found out by making one.</summary>
/// <param name="Path">The directory.</param>
/// <param name="IsWritable">Whether a file could be written and removed.</param>
/// <param name="Detail">Free space, or why not.</param>
internal sealed record DirectoryCheck(string Path, bool IsWritable, string Detail)
{
    /// <summary>Writes a small file and removes it. A directory that does not exist is judged by its nearest ancestor.</summary>
    public static DirectoryCheck Of(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        try
        {
            string existing = full;
            while (!Directory.Exists(existing))
            {
                if (File.Exists(existing)) throw new IOException($"'{existing}' is a file");
                existing = System.IO.Path.GetDirectoryName(existing) ?? throw new DirectoryNotFoundException($"no part of '{full}' exists");
            }

            string probe = System.IO.Path.Combine(existing, $".trakfast-{Guid.NewGuid():N}");
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose)) { }
            string free = ByteText.Of(new DriveInfo(existing).AvailableFreeSpace);
            return new DirectoryCheck(full, true, existing == full ? $"{free} free" : $"can be created, {free} free");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new DirectoryCheck(full, false, Failure.OneLine(exception.Message));
        }
    }
}
