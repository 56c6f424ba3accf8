namespace TrakFast.Cli.Arguments;

/// <summary>A set of examples as the command line names it: an NPY file for each array, or one source of rows.</summary>
/// <param name="Arrays">Arrays with their files; none for a source.</param>
/// <param name="Sources">Files or folders of rows; none for arrays.</param>
internal sealed record ExampleFiles(IReadOnlyList<NamedFile> Arrays, IReadOnlyList<string> Sources)
{
    /// <summary>Nothing was given.</summary>
    public static ExampleFiles None { get; } = new([], []);

    /// <summary>Whether anything was given.</summary>
    public bool IsGiven => Arrays.Count + Sources.Count > 0;

    /// <summary>Reads <c>NAME=FILE</c> words, or words that are files, folders or patterns.</summary>
    /// <exception cref="FormatException">Both kinds are mixed, or a name is missing or comes twice.</exception>
    public static ExampleFiles Parse(IEnumerable<string> texts)
    {
        string[] words = [.. texts];
        string[] named = [.. words.Where(static w => w.Contains('=', StringComparison.Ordinal) && !Path.Exists(w))];
        string[] sources = [.. words.Except(named)];
        if (sources.FirstOrDefault(static s => s.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)) is { } array) NamedFile.Parse(array);
        if (sources.FirstOrDefault(string.IsNullOrWhiteSpace) is not null) throw new FormatException("A file name is empty.");
        if (named.Length > 0 && sources.Length > 0)
            throw new FormatException($"'{named[0]}' names an array and '{sources[0]}' does not; give NAME=FILE for each array, or one source of rows.");
        return new ExampleFiles(NamedFile.ParseAll(named), sources);
    }
}
