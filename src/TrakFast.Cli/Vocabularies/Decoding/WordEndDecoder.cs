using System.Text;

namespace TrakFast.Cli.Vocabularies.Decoding;

/// <summary>BPE whose words end with <c>&lt;/w&gt;</c>: CLIP, whose tokens are bytes, and GPT-1, whose tokens are text.</summary>
internal sealed class WordEndDecoder : TokenDecoder
{
    /// <summary>What a token ends with that ends a word.</summary>
    public const string Mark = "</w>";

    private readonly bool _hasBytes;

    /// <summary>Decodes tokens of bytes or of text.</summary>
    public WordEndDecoder(bool hasBytes) => _hasBytes = hasBytes;

    /// <inheritdoc/>
    public override string Decode(IReadOnlyList<string> tokens)
    {
        List<string> words = [];
        List<byte> word = [];
        foreach (string token in tokens)
        {
            bool ends = token.EndsWith(Mark, StringComparison.Ordinal);
            string piece = ends ? token[..^Mark.Length] : token;
            if (_hasBytes) ByteAlphabet.Append(piece, word);
            else word.AddRange(Encoding.UTF8.GetBytes(piece));
            if (ends) EndWord(word, words);
        }

        EndWord(word, words);
        return WordSpacing.Join(words);
    }

    private static void EndWord(List<byte> word, List<string> words)
    {
        if (word.Count > 0) words.Add(Encoding.UTF8.GetString([.. word]));
        word.Clear();
    }
}
