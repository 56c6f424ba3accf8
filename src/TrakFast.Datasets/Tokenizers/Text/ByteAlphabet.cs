using System.Text;

namespace TrakFast.Datasets;

/// <summary>The 256 visible characters that stand for bytes in byte-level vocabularies.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] OfBytes = Alphabet();
    private static readonly Dictionary<char, byte> OfCharacters =
        OfBytes.Select(static (c, b) => (c, b)).ToDictionary(static p => p.c, static p => (byte)p.b);

    /// <summary>The character of a space: Ġ.</summary>
    public static char Space => OfBytes[' '];

    /// <summary>Writes a part of a text byte by byte.</summary>
    public static void Write(AlignedText text, int start, int length, AlignedText target)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (int i = start; i < start + length;)
        {
            int c = text.CodePointAt(i, out int chars);
            int from = text.StartOf(i), to = text.EndOf(i);
            i += chars;
            if (c < 128)
            {
                target.Append(OfBytes[c], from, to);
                continue;
            }

            int count = new Rune(c).EncodeToUtf8(bytes);
            foreach (byte b in bytes[..count]) target.Append(OfBytes[b], from, to);
        }
    }

    /// <summary>Adds the bytes that a token stands for; a token with another character stands for its own UTF-8.</summary>
    public static void Read(string token, List<byte> bytes)
    {
        int count = bytes.Count;
        foreach (char c in token)
        {
            if (OfCharacters.TryGetValue(c, out byte b))
            {
                bytes.Add(b);
                continue;
            }

            bytes.RemoveRange(count, bytes.Count - count);
            bytes.AddRange(Encoding.UTF8.GetBytes(token));
            return;
        }
    }

    private static char[] Alphabet()
    {
        char[] result = new char[256];
        char next = (char)256;
        for (int b = 0; b < 256; b++)
            result[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : next++;
        return result;
    }
}
