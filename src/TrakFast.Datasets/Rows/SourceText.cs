using System.Text;

namespace TrakFast.Datasets;

/// <summary>Bytes as text, which must be UTF-8.</summary>
internal static class SourceText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of some bytes.</summary>
    /// <param name="bytes">UTF-8.</param>
    /// <param name="where">Where they stand, for the sentence.</param>
    /// <exception cref="InputException">They are not UTF-8.</exception>
    public static string Read(ReadOnlySpan<byte> bytes, string where)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new InputException(
                $"{where} is not UTF-8: {string.Join(' ', (exception.BytesUnknown ?? []).Select(static b => $"0x{b:x2}"))} stands there. "
                + "Write the file as UTF-8 first.", exception);
        }
    }
}
