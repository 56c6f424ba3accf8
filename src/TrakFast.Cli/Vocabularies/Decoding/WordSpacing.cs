using System.Text;

namespace TrakFast.Cli.Vocabularies.Decoding;

/// <summary>Puts blanks between words whose tokens do not say where blanks were, as people write them: "don't (ever)."</summary>
internal static class WordSpacing
{
    private static readonly string[] AfterApostrophe = ["s", "t", "m", "d", "re", "ve", "ll"];

    /// <summary>The words as a text.</summary>
    public static string Join(IReadOnlyList<string> words)
    {
        StringBuilder text = new();
        for (int i = 0; i < words.Count; i++)
        {
            if (i > 0 && HasBlankBefore(words, i)) text.Append(' ');
            text.Append(words[i]);
        }

        return text.ToString();
    }

    private static bool HasBlankBefore(IReadOnlyList<string> words, int i) => words[i] switch
    {
        "." or "," or "!" or "?" or ";" or ":" or ")" or "]" or "}" or "%" or "..." or "…" => false,
        "'" or "’" when i + 1 < words.Count && AfterApostrophe.Contains(words[i + 1]) => false,
        ['\'' or '’', .. string rest] when AfterApostrophe.Contains(rest) || rest == "'t" => false,
        "n't" => false,
        string word when i > 1 && words[i - 1] is "'" or "’" => !AfterApostrophe.Contains(words[i]),
        _ => words[i - 1] is not ("(" or "[" or "{"),
    };
}
