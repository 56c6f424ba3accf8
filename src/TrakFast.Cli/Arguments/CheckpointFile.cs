using System.Globalization;

namespace TrakFast.Cli.Arguments;

/// <summary>A checkpoint's file and the model id it is stored under.</summary>
/// <param name="ModelId">The model id.</param>
/// <param name="Path">The file with the weights.</param>
internal sealed record CheckpointFile(int ModelId, string Path)
{
    /// <summary>
    /// Reads <c>FILE</c> or <c>ID=FILE</c>, in order; a file may be a folder, or a pattern for several. A file without an id takes its
    /// position, 0, 1, …; a prefix that is not a number belongs to the file's name.
    /// </summary>
    /// <exception cref="FormatException">
    /// A file is missing after the '=', two checkpoints have one model id, or one id is for several files.
    /// </exception>
    public static IReadOnlyList<CheckpointFile> ParseAll(IEnumerable<string> texts)
    {
        List<CheckpointFile> files = [];
        foreach (string text in texts)
        {
            files.AddRange(Expanded(Parse(text), files.Count));
        }

        foreach (CheckpointFile file in files)
        {
            if (files.FirstOrDefault(f => f.ModelId == file.ModelId) is { } other && !ReferenceEquals(other, file))
                throw new FormatException(
                    $"Two checkpoints have model id {file.ModelId}: {other.Path} and {file.Path}; write ID=FILE to choose others.");
        }

        return files;
    }

    private static IEnumerable<CheckpointFile> Expanded((int? Id, string Path) given, int position)
    {
        IReadOnlyList<string> paths = CheckpointPaths.Expand(given.Path);
        if (given.Id is { } id && paths.Count > 1)
            throw new FormatException($"'{id}={given.Path}' is {paths.Count} checkpoints, from {paths[0]} to {paths[^1]}; leave {id}= out.");
        return paths.Select((path, i) => new CheckpointFile(given.Id ?? (position + i), path));
    }

    private static (int? Id, string Path) Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0 && text.AsSpan(0, equals).ContainsAnyExceptInRange('0', '9') is false)
        {
            if (!int.TryParse(text.AsSpan(0, equals), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                throw new FormatException($"'{text}' has a model id beyond {int.MaxValue}.");
            if (equals == text.Length - 1) throw new FormatException($"'{text}' has no file after the '='; write ID=FILE.");
            return (id, text[(equals + 1)..]);
        }

        if (string.IsNullOrWhiteSpace(text)) throw new FormatException("A checkpoint's file name is empty.");
        return (null, text);
    }
}
