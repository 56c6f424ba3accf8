namespace TrakFast;

/// <summary>The right to write to a save directory: one holder among all processes, and within this one.</summary>
internal sealed class WriterLock : IDisposable
{
    // Which directories this process holds: what the operating system refuses does not say whose lock it is.
    private static readonly HashSet<string> Held = [];
    private readonly string _root;
    private readonly FileStream _file;

    private WriterLock(string root, FileStream file) => (_root, _file) = (root, file);

    /// <summary>Takes the lock.</summary>
    /// <exception cref="SaveDirectoryException">Somebody holds it, or nothing can be written.</exception>
    public static WriterLock Take(StorePaths paths)
    {
        string root = Path.TrimEndingDirectorySeparator(paths.Root);
        lock (Held)
        {
            if (Held.Contains(root))
                throw new SaveDirectoryException(
                    $"This process writes to {root} already; dispose the Traker or TrakStore that does, or choose another save directory.");
            WriterLock taken = new(root, Open(paths));
            Held.Add(root);
            return taken;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (Held)
        {
            _file.Dispose();
            Held.Remove(_root);
        }
    }

    private static FileStream Open(StorePaths paths)
    {
        try
        {
            return new FileStream(paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (File.Exists(paths.Lock))
        {
            throw new SaveDirectoryException(
                $"Another process is writing to {paths.Root}; wait for it or choose another save directory.", error);
        }
        catch (Exception error) when (FileAccessErrors.Covers(error))
        {
            throw new SaveDirectoryException(
                $"Nothing can be written to the save directory {paths.Root}: {error.Message.TrimEnd('.')}; choose another.", error);
        }
    }
}
