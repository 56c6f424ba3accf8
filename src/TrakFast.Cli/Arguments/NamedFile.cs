namespace TrakFast.Cli.Arguments;

/// <summary>An array of a batch and the file that holds it, as in <c>image=train_images.npy</c>.</summary>
/// <param name="Name">Name of the array.</param>
/// <param name="Path">Its file.</param>
internal sealed record NamedFile(string Name, string Path)
{
    /// <summary>Reads <c>NAME=FILE</c>; everything after the first '=' is the file.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static NamedFile Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0) throw new FormatException($"'{text}' has no name; write NAME=FILE, for example image={text}.");
        if (equals == 0) throw new FormatException($"'{text}' has no name before the '='; write NAME=FILE.");
        if (equals == text.Length - 1) throw new FormatException($"'{text}' has no file after the '='; write NAME=FILE.");
        return new NamedFile(text[..equals], text[(equals + 1)..]);
    }

    /// <summary>Reads several <c>NAME=FILE</c>; no name may come twice.</summary>
    /// <exception cref="FormatException">One is not of that form, or a name comes twice.</exception>
    public static IReadOnlyList<NamedFile> ParseAll(IEnumerable<string> texts)
    {
        Dictionary<string, NamedFile> byName = new(StringComparer.Ordinal);
        List<NamedFile> files = [];
        foreach (string text in texts)
        {
            NamedFile file = Parse(text);
            if (!byName.TryAdd(file.Name, file))
                throw new FormatException($"The array '{file.Name}' is given twice: {byName[file.Name].Path} and {file.Path}.");
            files.Add(file);
        }

        return files;
    }

    /// <summary>Opens the files as one set of examples.</summary>
    /// <exception cref="TrakException">A file cannot be read, or the files differ in their number of examples.</exception>
    public static NpyDataset Open(IEnumerable<NamedFile> files) => NpyDataset.Open(files.Select(static f => (f.Name, f.Path)));
}
