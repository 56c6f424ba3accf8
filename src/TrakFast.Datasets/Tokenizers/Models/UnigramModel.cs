namespace TrakFast.Datasets;

/// <summary>The most probable division of a word into tokens that have a probability each.</summary>
internal sealed class UnigramModel : TokenModel
{
    // What an unknown character costs below the least probable token.
    private const double UnknownPenalty = 10;

    private readonly double[] _scores;
    private readonly TokenTrie _trie = new();
    private readonly int? _unknown;
    private readonly bool _byteFallback;
    private readonly double _unknownScore;

    /// <summary>Takes the tokens.</summary>
    /// <param name="tokens">Texts and logarithms of probabilities; numbers count from 0.</param>
    /// <param name="unknown">Number of the token for unknown characters; null where there is none.</param>
    /// <param name="byteFallback">Whether unknown characters become their bytes.</param>
    public UnigramModel(IReadOnlyList<(string Text, double Score)> tokens, int? unknown, bool byteFallback)
        : base(new Vocabulary(tokens.Select(static (t, i) => (t.Text, i))))
    {
        _scores = [.. tokens.Select(static t => t.Score)];
        _unknown = unknown;
        _byteFallback = byteFallback;
        double least = double.PositiveInfinity;
        for (int i = 0; i < tokens.Count; i++)
        {
            _trie.Add(tokens[i].Text, i);
            if (tokens[i].Score < least) least = tokens[i].Score;
        }

        _unknownScore = least - UnknownPenalty;
    }

    /// <inheritdoc/>
    public override string Kind => "Unigram";

    /// <inheritdoc/>
    protected override void Divide(ReadOnlySpan<char> word, List<ModelToken> tokens)
    {
        (int Id, int Start, double Score)[] best = new (int, int, double)[word.Length + 1];
        Array.Fill(best, (0, -1, 0));
        for (int start = 0; start < word.Length;)
        {
            CodePoints.At(word, start, out int length);
            double soFar = best[start].Score;
            bool single = false;
            int node = 0;
            for (int end = start; end < word.Length && _trie.Step(ref node, word[end], out int id); end++)
            {
                if (id < 0) continue;
                Offer(ref best[end + 1], id, start, _scores[id] + soFar);
                single |= end + 1 - start == length;
            }

            if (!single)
            {
                if (_unknown is not { } unknown) throw Missing(word.Slice(start, length));
                Offer(ref best[start + length], unknown, start, _unknownScore + soFar);
            }

            start += length;
        }

        Collect(word, best, tokens);
    }

    private static void Offer(ref (int Id, int Start, double Score) best, int id, int start, double score)
    {
        if (best.Start < 0 || score > best.Score) best = (id, start, score);
    }

    private void Collect(ReadOnlySpan<char> word, (int Id, int Start, double Score)[] best, List<ModelToken> tokens)
    {
        // Unknown characters that follow each other are one part.
        List<(int Start, int End)> parts = [];
        bool open = false;
        for (int end = word.Length; end > 0; end = best[end].Start)
        {
            bool unknown = best[end].Id == _unknown;
            if (unknown && open) parts[^1] = (best[end].Start, parts[^1].End);
            else parts.Add((best[end].Start, end));
            open = unknown;
        }

        for (int i = parts.Count - 1; i >= 0; i--)
        {
            (int start, int end) = parts[i];
            ReadOnlySpan<char> part = word[start..end];
            if (Vocabulary.TryGetId(part, out int id)) tokens.Add(new ModelToken(id, start, end));
            else if (_byteFallback && ByteTokens(part) is { } bytes) tokens.AddRange(bytes.Select(b => new ModelToken(b, start, end)));
            else tokens.Add(new ModelToken(_unknown ?? throw Missing(part), start, end));
        }
    }

    private static InputException Missing(ReadOnlySpan<char> part) =>
        new($"{TokenizerText.Quote(part.ToString())} is not in the tokenizer's vocabulary, and the model has no token for unknown parts.");
}
