namespace TrakFast.Datasets;

/// <summary>Merges of a byte-pair SentencePiece model, as Hugging Face's converters find them among its pieces.</summary>
internal static class SentencePieceMerges
{
    private const int LongestPiece = 512;

    /// <summary>Every way in which a piece is two others, the highest score first.</summary>
    public static IReadOnlyList<(string Left, string Right)> Find(IReadOnlyList<(string Text, double Score)> pieces, Vocabulary vocabulary)
    {
        List<(string Left, string Right, double Score, int LeftLength, int RightLength)> merges = [];
        foreach ((string text, double score) in pieces)
        {
            if (text.Length > LongestPiece)
                throw new InputException($"its piece {TokenizerText.Quote(text)} has {text.Length} characters, more than {LongestPiece}.");
            List<(string Left, string Right, int LeftId, int RightId)> local = [];
            for (int i = 1; i < text.Length; i++)
            {
                if (char.IsLowSurrogate(text[i])) continue;
                if (vocabulary.TryGetId(text.AsSpan(0, i), out int left) && vocabulary.TryGetId(text.AsSpan(i), out int right))
                    local.Add((text[..i], text[i..], left, right));
            }

            merges.AddRange(local.OrderBy(static m => m.LeftId).ThenBy(static m => m.RightId)
                .Select(m => (m.Left, m.Right, score, CodePoints.Count(m.Left), CodePoints.Count(m.Right))));
        }

        return [.. merges.OrderByDescending(static m => m.Score).ThenByDescending(static m => m.LeftLength)
            .ThenByDescending(static m => m.RightLength).Select(static m => (m.Left, m.Right))];
    }
}
