namespace TrakFast.ML.Tests.Support;

/// <summary>The data of the samples.</summary>
internal static class Samples
{
    /// <summary>The path of a file or folder of <c>samples/data</c>.</summary>
    public static string Path(string name) => System.IO.Path.GetFullPath(System.IO.Path.Combine(FixtureFolder.Path, "../../samples/data", name));
}
