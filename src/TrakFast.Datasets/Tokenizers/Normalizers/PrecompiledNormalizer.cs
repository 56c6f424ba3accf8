using System.Globalization;

namespace TrakFast.Datasets;

/// <summary>
/// SentencePiece's rules as Hugging Face's library applies them: to clusters of characters of at most five bytes as a whole,
/// of which the shortest prefix that has a rule counts, else to every character.
/// </summary>
internal sealed class PrecompiledNormalizer(CharacterMap map) : TextNormalizer
{
    private const int LongestCluster = 5;

    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        List<(int CodePoint, int Change)> changes = new(text.Length);
        bool modified = false;
        for (int i = 0; i < text.Length;)
        {
            int length = StringInfo.GetNextTextElementLength(text.Chars[i..]);
            ReadOnlySpan<char> cluster = text.Chars.Slice(i, length);
            i += length;
            if (Utf8Length(cluster) <= LongestCluster && map.Shortest(cluster) is { } whole)
            {
                modified = true;
                Replace(changes, CodePoints.Count(cluster), whole);
                continue;
            }

            for (int k = 0; k < cluster.Length;)
            {
                int c = CodePoints.At(cluster, k, out int chars);
                if (map.Shortest(cluster.Slice(k, chars)) is { } one)
                {
                    modified = true;
                    Replace(changes, 1, one);
                }
                else
                {
                    changes.Add((c, 0));
                }

                k += chars;
            }
        }

        if (!modified) return text;
        AlignedText result = text.Empty();
        TextTransform transform = new(text, 0, text.Length, result);
        foreach ((int c, int change) in changes) transform.Write(c, change);
        return result;
    }

    private static void Replace(List<(int CodePoint, int Change)> changes, int oldCount, int[] replacement)
    {
        foreach (int c in replacement) changes.Add((c, 0));
        int difference = replacement.Length - oldCount;
        for (int k = 1; k <= difference; k++) changes[^k] = (changes[^k].CodePoint, 1);
        if (difference < 0 && changes.Count > 0) changes[^1] = (changes[^1].CodePoint, changes[^1].Change + difference);
    }

    private static int Utf8Length(ReadOnlySpan<char> text)
    {
        int bytes = 0;
        for (int i = 0; i < text.Length && bytes <= LongestCluster;)
        {
            bytes += CodePoints.Utf8Length(CodePoints.At(text, i, out int length));
            i += length;
        }

        return bytes;
    }
}
