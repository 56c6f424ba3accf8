using System.Text;

namespace TrakFast.Datasets;

/// <summary>What errors about tokenizers say of texts.</summary>
internal static class TokenizerText
{
    private const int Longest = 60;
    private const int LongestReason = 200;

    /// <summary>What another library says of an error, shortened and without its full stop.</summary>
    public static string Reason(Exception error) =>
        error.Message.Length > LongestReason ? error.Message[..LongestReason] + "…" : error.Message.TrimEnd('.');

    /// <summary>A text in quotation marks, shortened, with no character that would spoil a line.</summary>
    public static string Quote(string text)
    {
        StringBuilder result = new("'");
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, Longest)))
            result.Append(char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c);
        return result.Append(text.Length > Longest ? "…'" : "'").ToString();
    }
}
