namespace TrakFast.Cli.Vocabularies.Decoding;

/// <summary>WordPiece (BERT): <c>##</c> continues the word before it. Whole words are the case where none does.</summary>
internal sealed class WordDecoder : TokenDecoder
{
    /// <summary>What a token begins with that continues a word.</summary>
    public const string Mark = "##";

    /// <inheritdoc/>
    public override string Decode(IReadOnlyList<string> tokens)
    {
        List<string> words = [];
        foreach (string token in tokens)
        {
            if (words.Count > 0 && token.Length > 2 && token.StartsWith(Mark, StringComparison.Ordinal)) words[^1] += token[2..];
            else words.Add(token);
        }

        return WordSpacing.Join(words);
    }
}
