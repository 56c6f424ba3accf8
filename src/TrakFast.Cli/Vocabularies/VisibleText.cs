using System.Globalization;
using System.Text;

namespace TrakFast.Cli.Vocabularies;

/// <summary>Makes characters visible that a reader would not see, or that would change how others are shown.</summary>
internal static class VisibleText
{
    /// <summary>The text with visible signs for control characters; line feeds and tabs stay.</summary>
    public static string Of(string text)
    {
        if (!text.EnumerateRunes().Any(static r => Sign(r) is not null)) return text;
        StringBuilder visible = new(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes()) _ = Sign(rune) is { } sign ? visible.Append(sign) : visible.Append(rune.ToString());
        return visible.ToString();
    }

    /// <summary>The text on one line: line feeds and tabs are made visible too, and runs of blanks become one.</summary>
    public static string OnOneLine(string text) =>
        string.Join(
            ' ',
            Of(text).Replace("\n", "␊", StringComparison.Ordinal).Replace('\t', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string? Sign(Rune rune) => rune.Value switch
    {
        '\n' or '\t' => null,
        < 0x20 => ((char)(0x2400 + rune.Value)).ToString(), // the control pictures, ␀ to ␟
        0x7F => "␡",
        >= 0x80 and <= 0x9F or 0x200B or 0x2028 or 0x2029 or 0xFEFF => Code(rune),
        (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) => Code(rune), // these turn the direction of what follows
        0xFFFD => "�", // also half a surrogate pair
        _ => null,
    };

    private static string Code(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"⟨U+{rune.Value:X4}⟩");
}
