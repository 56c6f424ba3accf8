namespace TrakFast;

/// <summary>The feature files of several checkpoints, open together.</summary>
internal sealed class FeatureFiles : IDisposable
{
    private readonly List<NpyRowsFile> _files = [];

    public FeatureFiles(IEnumerable<NpyRowsFile> files)
    {
        try
        {
            foreach (NpyRowsFile file in files) _files.Add(file);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NpyRowsFile this[int model] => _files[model];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NpyRowsFile file in _files) file.Dispose();
    }
}
