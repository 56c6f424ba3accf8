using System.Globalization;
using System.Text;

namespace TrakFast;

/// <summary>Texts and numbers of the oldest protocol, which writes them as lines.</summary>
internal static class PickleText
{
    private static readonly UTF8Encoding _utf8 = new(false, throwOnInvalidBytes: false);

    /// <summary>A text in UTF-8; what is none of it, such as half of a surrogate pair, becomes U+FFFD.</summary>
    public static string Utf8(byte[] bytes) => _utf8.GetString(bytes);

    /// <summary>A whole number, or a truth value as 00 or 01; null for no number at all. A long one may end in L.</summary>
    public static object? Whole(byte[] line)
    {
        string text = Encoding.Latin1.GetString(line).TrimEnd('\r');
        if (text is "00" or "01") return text == "01";
        text = text.TrimEnd('L');
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)) return value;
        return text.Length > 0 && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0 ? new PickleBytes(line) : null;
    }

    /// <summary>A floating-point number, or null.</summary>
    public static object? Real(byte[] line) =>
        double.TryParse(Encoding.Latin1.GetString(line), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    /// <summary>A text between quotation marks with backslashes, as Python 2 writes str; null where the marks are missing.</summary>
    public static string? Quoted(byte[] line)
    {
        string text = Encoding.Latin1.GetString(line).Trim();
        if (text.Length < 2 || text[0] is not ('\'' or '"') || text[^1] != text[0]) return null;
        return Unescape(text[1..^1], isQuoted: true);
    }

    /// <summary>A text with \uXXXX, as protocol 0 writes unicode.</summary>
    public static string RawUnicode(byte[] line) => Unescape(Encoding.Latin1.GetString(line), isQuoted: false);

    private static string Unescape(string text, bool isQuoted)
    {
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            int digits = text[i + 1] switch { 'u' when !isQuoted => 4, 'U' when !isQuoted => 8, 'x' when isQuoted => 2, _ => 0 };
            if (digits > 0 && i + 1 + digits < text.Length
                && uint.TryParse(text.AsSpan(i + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)
                && code <= 0x10FFFF)
            {
                result.Append(code <= 0xFFFF ? ((char)code).ToString() : char.ConvertFromUtf32((int)code));
                i += 1 + digits;
            }
            else if (isQuoted)
            {
                result.Append(text[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            }
            else
            {
                result.Append('\\');
            }
        }

        return result.ToString();
    }
}
