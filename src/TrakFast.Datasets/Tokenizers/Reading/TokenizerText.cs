using System.Text;

namespace TrakFast.Datasets;

/// <summary>What errors about tokenizers say of texts.</summary>
internal static class TokenizerText
{
    private const int Longest = 60;

    /// <summary>A text in quotation marks, shortened, with no character that would spoil a line.</summary>
    public static string Quote(string text)
    {
        StringBuilder result = new("'");
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, Longest)))
            result.Append(char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c);
        return result.Append(text.Length > Longest ? "…'" : "'").ToString();
    }
}
