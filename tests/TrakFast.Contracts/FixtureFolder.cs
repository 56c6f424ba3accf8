namespace TrakFast.Testing;

/// <summary>
/// Finds tests/fixtures above wherever the tests were built. Source paths will not do: a deterministic build maps them away.
/// </summary>
public static class FixtureFolder
{
    /// <summary>The folder.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = System.IO.Path.Combine(folder.FullName, "tests", "fixtures");
            if (Directory.Exists(candidate)) return candidate;
        }

        throw new DirectoryNotFoundException("tests/fixtures is not above the test assembly.");
    }
}
