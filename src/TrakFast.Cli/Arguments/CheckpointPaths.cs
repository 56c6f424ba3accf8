using System.IO.Enumeration;

namespace TrakFast.Cli.Arguments;

/// <summary>
/// What one word after <c>--checkpoint</c> stands for: a file, a folder, the steps within one, or what a pattern matches.
/// </summary>
internal static class CheckpointPaths
{
    private const int MostMatches = 10_000;

    private static readonly EnumerationOptions _visible = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.System };

    /// <summary>Whether a path is a pattern rather than something that is there.</summary>
    public static bool IsPattern(string path) => path.AsSpan().IndexOfAny('*', '?') >= 0 && !File.Exists(path) && !Directory.Exists(path);

    /// <summary>
    /// The files and folders, numbers in their names ordered by size. A pattern has <c>*</c> and <c>?</c> within the parts of a path;
    /// one that matches nothing, or a folder that cannot be read, stays as it is, for whoever reads it to say so.
    /// </summary>
    public static IReadOnlyList<string> Expand(string path)
    {
        try
        {
            IReadOnlyList<string> found = IsPattern(path) ? Matches(path) : CheckpointFolder.Steps(path);
            return found.Count > 0 ? found : [path];
        }
        catch (Exception exception) when (exception is TrakException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [path];
        }
    }

    private static List<string> Matches(string pattern)
    {
        string root = Path.GetPathRoot(pattern) ?? string.Empty;
        string[] parts = pattern[root.Length..].Split(
            [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        List<string> found = [root];
        for (int i = 0; i < parts.Length; i++)
        {
            bool isLast = i == parts.Length - 1;
            found = [.. found.SelectMany(folder => Within(folder, parts[i], isLast)).Take(MostMatches)];
        }

        found.Sort(NaturalOrder.Instance);
        return found;
    }

    private static IEnumerable<string> Within(string folder, string part, bool isLast)
    {
        if (part.AsSpan().IndexOfAny('*', '?') < 0)
        {
            string path = Path.Combine(folder, part);
            return Directory.Exists(path) || (isLast && File.Exists(path)) ? [path] : [];
        }

        string from = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(from)) return [];
        IEnumerable<string> entries = isLast
            ? Directory.EnumerateFileSystemEntries(from, "*", _visible)
            : Directory.EnumerateDirectories(from, "*", _visible);
        return entries
            .Select(static entry => Path.GetFileName(entry))
            .Where(name => (name[0] != '.' || part[0] == '.') && FileSystemName.MatchesSimpleExpression(part, name, ignoreCase: false))
            .Select(name => Path.Combine(folder, name));
    }
}
