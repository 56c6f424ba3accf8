using System.Collections.Frozen;
using System.Globalization;

namespace TrakFast.Cli.Vocabularies;

/// <summary>Files with one entry a line, whose number from 0 is its id. SentencePiece's <c>.vocab</c> has a score behind a tab.</summary>
internal static class TokenLines
{
    /// <summary>Reads the lines. The last line may end with a line break; any other empty line is an id without a text.</summary>
    public static TokenList Read(string path, string text)
    {
        string[] lines = [.. text.Split('\n').Select(static line => line.TrimEnd('\r'))];
        if (lines[^1].Length == 0) lines = lines[..^1];
        bool scored = lines.Length > 0 && lines.All(HasScore);
        Dictionary<long, string> entries = [];
        for (int id = 0; id < lines.Length; id++)
        {
            string entry = scored ? lines[id][..lines[id].LastIndexOf('\t')] : lines[id];
            if (entry.Length > 0) entries.Add(id, entry);
        }

        return new TokenList(path, entries, FrozenSet<long>.Empty);
    }

    private static bool HasScore(string line)
    {
        int tab = line.LastIndexOf('\t');
        return tab > 0 && double.TryParse(line.AsSpan(tab + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }
}
