using System.Text;

namespace TrakFast.Cli.Vocabularies.Decoding;

/// <summary>
/// The characters that byte-level BPE writes bytes as (GPT-2, <c>bytes_to_unicode</c>): printable Latin-1 characters
/// stand for themselves, and the other 68 bytes for U+0100 and on, in their order; so a blank is Ġ and a line feed Ċ.
/// </summary>
internal static class ByteAlphabet
{
    /// <summary>What a blank is written as.</summary>
    public const char Blank = '\u0120';

    private static readonly byte[] Others =
        [.. Enumerable.Range(0, 256).Select(static b => (byte)b).Where(static b => !StandsForItself((char)b))];

    /// <summary>Appends the bytes that a token's characters stand for; any other character gives its UTF-8.</summary>
    public static void Append(string token, List<byte> bytes)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in token.EnumerateRunes())
        {
            if (rune.Value < 256 && StandsForItself((char)rune.Value)) bytes.Add((byte)rune.Value);
            else if (rune.Value >= 256 && rune.Value < 256 + Others.Length) bytes.Add(Others[rune.Value - 256]);
            else bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
        }
    }

    private static bool StandsForItself(char c) =>
        c is (>= '!' and <= '~') or (>= '\u00A1' and <= '\u00AC') or (>= '\u00AE' and <= '\u00FF');
}
