namespace TrakFast.Docs.Tests;

/// <summary>Lines of code have at most 140 columns. Text between quotation marks, which cannot always be cut, does not count.</summary>
public sealed class SourceLineTests
{
    private const int Most = 140;
    private static readonly string[] Folders = ["kernels", "src", "tests", "benchmarks", "samples", "eng"];

    [Test]
    public void LinesOfCodeAreNotTooLong()
    {
        string[] files = [.. Folders.SelectMany(Sources).Where(IsSource)];
        Assert.That(files, Has.Length.GreaterThan(500));
        Assert.That(files.SelectMany(TooLong), Is.Empty);
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Repository.Full(folder), "*.cs", SearchOption.AllDirectories);

    private static bool IsSource(string file) =>
        !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(static part => part is "obj" or "bin");

    private static IEnumerable<string> TooLong(string file)
    {
        bool inText = false;
        int number = 0;
        foreach (string line in File.ReadLines(file))
        {
            number++;
            bool wasInText = inText;
            if (line.Split("\"\"\"").Length % 2 == 0) inText = !inText;
            if (line.Length <= Most || wasInText || inText) continue;
            int first = line.IndexOf('"', StringComparison.Ordinal), last = line.LastIndexOf('"');
            if (line.Length - Math.Max(0, last - first) > Most) yield return $"{Path.GetRelativePath(Repository.Root, file)}:{number} has {line.Length} columns";
        }
    }
}
