using System.Text;

namespace TrakFast.Datasets.Tests;

/// <summary>
/// Damages a tokenizer's file: blindly, or in its text as no library writes it. The same random numbers give the same damage.
/// </summary>
internal static class TokenizerMutator
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "2", "7", "1000", "2147483647", "-2147483648", "4294967296", "1e300", "1e999", "0.5", "\"\"",
        "\"a\"", "\"\\ud800\"", "\"▁\"", "[]", "{}", "[[]]", "[\"a\",\"b\"]", "{\"String\":\"\"}", "{\"Regex\":\"(a*)*b\"}",
        "{\"Regex\":\"(?:a|aa)+$\"}", "{\"Regex\":\"(?<=a{1,9}b?)\\\\s+\"}", "{\"Regex\":\"[\\\\p{L}&&[^a]]{2,900}\"}", "{\"Regex\":\"((\"}",
        "\"Sequence\"", "\"BPE\"", "\"Unigram\"", "\"WordPiece\"", "\"WordLevel\"", "\"ByteLevel\"", "\"Metaspace\"", "\"Split\"", "\"Replace\"",
        "\"NFKC\"", "\"Digits\"", "\"FixedLength\"", "\"Precompiled\"", "\"TemplateProcessing\"", "\"BertProcessing\"", "\"Strip\"", "\"CTC\"",
        "\"MergedWithNext\"", "\"Contiguous\"", "\"first\"", "\"never\"", "{\"Fixed\":999999999}", "{\"Fixed\":3}",
    ];

    public static byte[] Mutate(byte[] file, bool text, Random random)
    {
        byte[] bytes = file;
        for (int i = random.Next(3); i >= 0; i--) bytes = text && random.Next(3) > 0 ? Written(bytes, random) : Blind(bytes, random);
        return bytes;
    }

    // Replaces a value, doubles a stretch or leaves one out, at the borders that JSON and lines have.
    private static byte[] Written(byte[] file, Random random)
    {
        string text = Encoding.UTF8.GetString(file);
        if (text.Length == 0) return file;

        // Most of the damage falls on the parts, which stand before and behind the vocabulary.
        int at = random.Next(3) switch
        {
            0 => random.Next(text.Length),
            1 => random.Next(Math.Min(text.Length, 2000)),
            _ => text.Length - 1 - random.Next(Math.Min(text.Length, 2000)),
        };
        int start = text.IndexOfAny([':', ',', '[', '{', '\n'], at);
        if (start < 0) return file;
        int end = text.IndexOfAny([',', ']', '}', '\n'], start + 1);
        if (end < 0) end = text.Length;
        string value = random.Next(4) switch
        {
            0 => "",
            1 => text[(start + 1)..end] + "," + text[(start + 1)..end],
            _ => Values[random.Next(Values.Length)],
        };
        return Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, start + 1), value, text.AsSpan(end)));
    }

    private static byte[] Blind(byte[] file, Random random)
    {
        List<byte> bytes = [.. file];
        if (bytes.Count == 0) return file;
        int at = random.Next(bytes.Count), length = Math.Min(1 + random.Next(40), bytes.Count - at);
        switch (random.Next(5))
        {
            case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1: bytes[at] = (byte)random.Next(256); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
            default: bytes.RemoveRange(at, random.Next(4) == 0 ? bytes.Count - at : length); break;
        }

        return [.. bytes];
    }
}
