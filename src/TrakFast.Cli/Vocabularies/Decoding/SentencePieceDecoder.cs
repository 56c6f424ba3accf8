using System.Globalization;
using System.Text;

namespace TrakFast.Cli.Vocabularies.Decoding;

/// <summary>
/// SentencePiece (T5, Llama, XLM-R): <c>▁</c> is a blank, and <c>&lt;0xF0&gt;</c> one byte of a character that has no
/// token of its own.
/// </summary>
internal sealed class SentencePieceDecoder : TokenDecoder
{
    /// <summary>What a blank is written as.</summary>
    public const string Blank = "▁";

    /// <inheritdoc/>
    public override string Decode(IReadOnlyList<string> tokens)
    {
        List<byte> bytes = [];
        foreach (string token in tokens)
        {
            if (IsByte(token, out byte value)) bytes.Add(value);
            else bytes.AddRange(Encoding.UTF8.GetBytes(token.Replace(Blank, " ", StringComparison.Ordinal)));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool IsByte(string token, out byte value)
    {
        value = 0;
        return token.Length == 6
            && token.StartsWith("<0x", StringComparison.Ordinal)
            && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
