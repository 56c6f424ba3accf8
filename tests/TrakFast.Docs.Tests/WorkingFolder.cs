namespace TrakFast.Docs.Tests;

/// <summary>A temporary folder with the files of a fixture, as the current directory: where a page's reader would stand.</summary>
internal sealed class WorkingFolder : IDisposable
{
    private readonly string _before = Directory.GetCurrentDirectory();
    private readonly string _path = Directory.CreateTempSubdirectory("trakfast-docs").FullName;

    private WorkingFolder() => Directory.SetCurrentDirectory(_path);

    /// <summary>Copies a fixture's files into a new folder and goes there.</summary>
    public static WorkingFolder Of(string fixture)
    {
        WorkingFolder folder = new();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(FixtureFolder.Path, fixture)))
            File.Copy(file, Path.GetFileName(file));
        return folder;
    }

    /// <summary>A new folder in which the repository's samples are.</summary>
    public static WorkingFolder OfSamples()
    {
        WorkingFolder folder = new();
        Directory.CreateSymbolicLink("samples", Repository.Full("samples"));
        return folder;
    }

    /// <summary>Writes what models trained on 16 random subsets might do, twice each: <c>subsets.npy</c> and <c>margins.npy</c>.</summary>
    public void WriteRetrainings(int train, int targets)
    {
        const int Subsets = 16, Repeats = 2;
        Random random = new(1);
        bool[] members = [.. Enumerable.Range(0, Subsets * train).Select(_ => random.NextDouble() < 0.5)];
        float[] margins = [.. Enumerable.Range(0, Repeats * Subsets * targets).Select(_ => random.NextSingle())];
        NpyFile.Write("subsets.npy", DataArray.From(members, Subsets, train));
        NpyFile.Write("margins.npy", DataArray.From(margins, Repeats, Subsets, targets));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.SetCurrentDirectory(_before);
        Directory.Delete(_path, recursive: true);
    }
}
