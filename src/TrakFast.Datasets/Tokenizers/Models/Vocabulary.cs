using System.Diagnostics.CodeAnalysis;

namespace TrakFast.Datasets;

/// <summary>Tokens by text and by number.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Dictionary<int, string> _texts;

    /// <summary>Takes pairs of texts and numbers; the last of several for one text counts.</summary>
    public Vocabulary(IEnumerable<(string Text, int Id)> tokens)
    {
        _ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string text, int id) in tokens) _ids[text] = id;
        _texts = new Dictionary<int, string>(_ids.Count);
        foreach ((string text, int id) in _ids) _texts[id] = text;
        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Number of texts.</summary>
    public int Count => _ids.Count;

    /// <summary>All tokens.</summary>
    public IEnumerable<KeyValuePair<string, int>> Tokens => _ids;

    /// <summary>The number of a text.</summary>
    public bool TryGetId(ReadOnlySpan<char> text, out int id) => _lookup.TryGetValue(text, out id);

    /// <summary>The number of a text, null for one that is no token.</summary>
    public int? IdOf(string text) => _ids.TryGetValue(text, out int id) ? id : null;

    /// <summary>The text of a number.</summary>
    public bool TryGetText(int id, [NotNullWhen(true)] out string? text) => _texts.TryGetValue(id, out text);
}
