namespace TrakFast.Cli.Vocabularies.Decoding;

/// <summary>Puts the tokens of a stretch of text together again, so that people can read it.</summary>
internal abstract class TokenDecoder
{
    /// <summary>The text of tokens that stand one after another; none of them is special.</summary>
    public abstract string Decode(IReadOnlyList<string> tokens);

    /// <summary>
    /// The decoder for a vocabulary. Its kind is told by the mark that most of its tokens bear: <c>##</c> (WordPiece),
    /// <c>Ġ</c> (byte-level BPE), <c>&lt;/w&gt;</c> (CLIP, GPT-1) or <c>▁</c> (SentencePiece). The odd token with the
    /// mark of another kind, as GPT-2 has <c>##</c> and multilingual BERT <c>Ġ</c>, does not change it.
    /// </summary>
    public static TokenDecoder For(IEnumerable<string> tokens)
    {
        int pieces = 0, bytes = 0, ends = 0, blanks = 0;
        bool characters = true;
        foreach (string token in tokens)
        {
            if (token.StartsWith(WordDecoder.Mark, StringComparison.Ordinal) && token.Length > 2) pieces++;
            if (token.StartsWith(ByteAlphabet.Blank)) bytes++;
            if (token.EndsWith(WordEndDecoder.Mark, StringComparison.Ordinal)) ends++;
            if (token.Contains(SentencePieceDecoder.Blank, StringComparison.Ordinal)) blanks++;
            characters &= token.Length == 1 || (token.Length == 2 && char.IsSurrogatePair(token[0], token[1]));
        }

        int most = Math.Max(Math.Max(pieces, bytes), Math.Max(ends, blanks));
        return most switch
        {
            0 when characters => new CharacterDecoder(),
            0 => new WordDecoder(),
            _ when most == ends => new WordEndDecoder(hasBytes: bytes > 0),
            _ when most == blanks => new SentencePieceDecoder(),
            _ when most == bytes => new ByteLevelDecoder(),
            _ => new WordDecoder(),
        };
    }
}
