namespace TrakFast.Tests;

/// <summary>Finds tests/fixtures from wherever the tests run.</summary>
internal static class Fixtures
{
    public static string Path(params string[] parts)
    {
        for (string? folder = TestContext.CurrentContext.TestDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            string candidate = System.IO.Path.Combine(folder, "tests", "fixtures");
            if (Directory.Exists(candidate)) return System.IO.Path.Combine([candidate, .. parts]);
        }

        throw new DirectoryNotFoundException("tests/fixtures lies in no folder above the tests.");
    }
}
