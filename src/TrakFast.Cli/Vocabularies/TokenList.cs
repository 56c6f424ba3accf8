namespace TrakFast.Cli.Vocabularies;

/// <summary>What a file maps ids to: the tokens of a vocabulary, or the names of labels.</summary>
/// <param name="Path">The file, as it was given.</param>
/// <param name="Entries">Entries by id; ids need not be without gaps.</param>
/// <param name="Special">Ids that the file itself marks as special, such as padding.</param>
internal sealed record TokenList(string Path, IReadOnlyDictionary<long, string> Entries, IReadOnlySet<long> Special);
