using TrakFast.Cli.Arguments;
using TrakFast.Cli.Vocabularies;

namespace TrakFast.Cli.Examples;

/// <summary>Reads rows of token ids as text, and remembers ids that a vocabulary does not have.</summary>
internal sealed class TokenReader
{
    private readonly Dictionary<string, Vocabulary> _vocabularies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<long>> _unknown = new(StringComparer.Ordinal);

    /// <summary>Opens the vocabularies of the arrays.</summary>
    /// <exception cref="TrakException">A file cannot be used.</exception>
    public TokenReader(IEnumerable<ShownTokens> arrays, IReadOnlyList<VocabularyFile> files)
    {
        Dictionary<string, Vocabulary> byPath = new(StringComparer.Ordinal);
        foreach (ShownTokens array in arrays)
        {
            VocabularyFile? file = files.FirstOrDefault(f => f.Name == array.Name) ?? files.FirstOrDefault(static f => f.Name is null);
            if (file is null) continue;
            if (!byPath.TryGetValue(file.Path, out Vocabulary? vocabulary)) byPath.Add(file.Path, vocabulary = Vocabulary.Read(file.Path));
            _vocabularies.Add(array.Name, vocabulary);
        }
    }

    /// <summary>One sentence for each array with ids that its vocabulary does not have, among those read so far.</summary>
    public IEnumerable<string> Warnings => _unknown.Select(entry => Warning(entry.Key, _vocabularies[entry.Key], entry.Value));

    /// <summary>The ids of the only example of a batch, without padding.</summary>
    public IReadOnlyList<long> Ids(ShownTokens array, Batch row)
    {
        long[] ids = row[array.Name].ToLongs();
        if (array.Mask is not null) return Padding.RemoveMasked(ids, row[array.Mask].ToFloats());
        return _vocabularies.TryGetValue(array.Name, out Vocabulary? vocabulary) ? Padding.Remove(ids, vocabulary) : ids;
    }

    /// <summary>The text of the only example of a batch; null where the array has no vocabulary.</summary>
    public TokenText? Text(ShownTokens array, Batch row)
    {
        if (!_vocabularies.TryGetValue(array.Name, out Vocabulary? vocabulary)) return null;
        IReadOnlyList<long> ids = Ids(array, row);
        foreach (long id in ids.Where(id => vocabulary.Find(id) is null))
        {
            if (!_unknown.TryGetValue(array.Name, out SortedSet<long>? unknown)) _unknown.Add(array.Name, unknown = []);
            unknown.Add(id);
        }

        return TokenText.Of(ids, vocabulary);
    }

    private static string Warning(string name, Vocabulary vocabulary, SortedSet<long> unknown)
    {
        string others = unknown.Count switch
        {
            1 => string.Empty,
            2 => " and 1 other id",
            int count => $" and {count - 1} other ids",
        };
        return $"'{name}' holds the id {unknown.Max}{others}, for which {vocabulary.Path} with its {vocabulary.Count} tokens has none; "
            + $"{(unknown.Count == 1 ? "it is" : "they are")} shown as ⟨{unknown.Max}⟩.";
    }
}
