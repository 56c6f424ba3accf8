using TrakFast.Cli.Vocabularies.Decoding;

namespace TrakFast.Cli.Vocabularies;

/// <summary>The tokens of a model, by id, and how they make up text.</summary>
internal sealed class Vocabulary
{
    // A token of more characters than this is cut, so that no file can make a report of any size.
    private const int MostCharacters = 200;
    private readonly TokenList _list;
    private readonly HashSet<long> _special;
    private readonly HashSet<long> _padding;

    /// <summary>Makes a vocabulary of the entries of a file.</summary>
    public Vocabulary(TokenList list)
    {
        _list = list;
        _special = [.. list.Special, .. list.Entries.Where(static e => SpecialTokens.IsSpecial(e.Value)).Select(static e => e.Key)];
        _padding = [.. _special.Where(id => SpecialTokens.IsPadding(list.Entries[id]))];
        Decoder = TokenDecoder.For(list.Entries.Where(e => !_special.Contains(e.Key)).Select(static e => e.Value));
    }

    /// <summary>The file, as it was given.</summary>
    public string Path => _list.Path;

    /// <summary>Number of tokens.</summary>
    public int Count => _list.Entries.Count;

    /// <summary>Puts tokens together.</summary>
    public TokenDecoder Decoder { get; }

    /// <summary>Reads a vocabulary file.</summary>
    /// <exception cref="TrakException">As for <see cref="TokenListFile.Read"/>.</exception>
    public static Vocabulary Read(string path) => new(TokenListFile.Read(path));

    /// <summary>The token of an id, or null when the vocabulary has none.</summary>
    public string? Find(long id) => _list.Entries.GetValueOrDefault(id) is { } token
        ? token.Length <= MostCharacters ? token : token[..MostCharacters] + "…"
        : null;

    /// <summary>Whether the id is of a token that steers the model, such as <c>[CLS]</c>.</summary>
    public bool IsSpecial(long id) => _special.Contains(id);

    /// <summary>Whether the id is of a token that only fills up a row.</summary>
    public bool IsPadding(long id) => _padding.Contains(id);

    /// <summary>Whether the id is of a token that opens or closes a row.</summary>
    public bool IsFrame(long id) => _special.Contains(id) && SpecialTokens.IsFrame(_list.Entries[id]);
}
