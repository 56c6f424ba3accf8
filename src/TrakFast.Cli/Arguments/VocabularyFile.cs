namespace TrakFast.Cli.Arguments;

/// <summary>A vocabulary's file and the array of token ids it belongs to, as in <c>input_ids=vocab.json</c>.</summary>
/// <param name="Name">Name of the array; null for every array of token ids that has no vocabulary of its own.</param>
/// <param name="Path">The file.</param>
internal sealed record VocabularyFile(string? Name, string Path)
{
    /// <summary>Reads several <c>FILE</c> or <c>NAME=FILE</c>. A prefix with a directory separator belongs to the file's name.</summary>
    /// <exception cref="FormatException">A file is missing, or one array gets two.</exception>
    public static IReadOnlyList<VocabularyFile> ParseAll(IEnumerable<string> texts)
    {
        List<VocabularyFile> files = [];
        foreach (string text in texts)
        {
            VocabularyFile file = Parse(text);
            if (files.FirstOrDefault(f => f.Name == file.Name) is { } other)
                throw new FormatException(
                    $"{(file.Name is null ? "All arrays of token ids" : $"The array '{file.Name}'")} would get two vocabularies: "
                    + $"{other.Path} and {file.Path}; write NAME=FILE for each array.");
            files.Add(file);
        }

        return files;
    }

    private static VocabularyFile Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new FormatException("A vocabulary's file name is empty.");
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0 || text.AsSpan(0, equals).ContainsAny('/', '\\')) return new VocabularyFile(null, text);
        NamedFile named = NamedFile.Parse(text);
        return new VocabularyFile(named.Name, named.Path);
    }
}
