using System.Text;

namespace TrakFast.Datasets;

/// <summary>Makes bytes of the characters that stand for them, and text of the bytes.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Apply(List<string> tokens)
    {
        List<byte> bytes = [];
        foreach (string token in tokens) ByteAlphabet.Read(token, bytes);
        return [Encoding.UTF8.GetString([.. bytes])];
    }
}
