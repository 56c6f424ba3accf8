using System.Text;

namespace TrakFast.Cli.Vocabularies.Decoding;

/// <summary>Byte-level BPE (GPT-2, RoBERTa, Llama 3): a character may be spread over several tokens, so bytes are joined first.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override string Decode(IReadOnlyList<string> tokens)
    {
        List<byte> bytes = [];
        foreach (string token in tokens) ByteAlphabet.Append(token, bytes);
        return Encoding.UTF8.GetString([.. bytes]); // bytes that are no character become U+FFFD
    }
}
