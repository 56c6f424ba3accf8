namespace TrakFast.Datasets;

/// <summary>Code points of UTF-16 texts in which every surrogate has its pair.</summary>
internal static class CodePoints
{
    /// <summary>The code point that begins at a character.</summary>
    /// <param name="text">A text.</param>
    /// <param name="index">Where the code point begins.</param>
    /// <param name="length">Its number of UTF-16 characters, 1 or 2.</param>
    public static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index];
        if (char.IsHighSurrogate(c) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return char.ConvertToUtf32(c, text[index + 1]);
        }

        length = 1;
        return c;
    }

    /// <summary>The code point that ends before a character.</summary>
    /// <param name="text">A text.</param>
    /// <param name="index">Where the code point ends.</param>
    /// <param name="length">Its number of UTF-16 characters, 1 or 2.</param>
    public static int Before(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index - 1];
        if (char.IsLowSurrogate(c) && index > 1 && char.IsHighSurrogate(text[index - 2]))
        {
            length = 2;
            return char.ConvertToUtf32(text[index - 2], c);
        }

        length = 1;
        return c;
    }

    /// <summary>Number of code points of a text.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        int count = text.Length;
        for (int i = 1; i < text.Length; i++)
            if (char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1])) count--;
        return count;
    }

    /// <summary>The code points of a text.</summary>
    public static int[] Of(ReadOnlySpan<char> text)
    {
        int[] result = new int[Count(text)];
        for (int i = 0, n = 0; i < text.Length; n++)
        {
            result[n] = At(text, i, out int length);
            i += length;
        }

        return result;
    }

    /// <summary>The UTF-16 characters of a code point.</summary>
    public static string Text(int codePoint) => codePoint is >= 0xD800 and <= 0xDFFF
        ? ((char)codePoint).ToString()
        : char.ConvertFromUtf32(codePoint);

    /// <summary>Number of bytes of a code point in UTF-8.</summary>
    public static int Utf8Length(int codePoint) => codePoint switch { < 0x80 => 1, < 0x800 => 2, < 0x10000 => 3, _ => 4 };
}
