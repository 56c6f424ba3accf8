namespace TrakFast.Datasets;

/// <summary>Reads the model of a tokenizer.json.</summary>
internal static class ModelReader
{
    private const int UsualLongest = 100;

    /// <summary>Reads a model.</summary>
    /// <exception cref="InputException">Its type is not supported, or a part of it is wrong.</exception>
    public static TokenModel Read(JsonPart part)
    {
        string kind = part.Maybe("type")?.Text() ?? Guess(part);
        return kind switch
        {
            "WordPiece" => new WordPieceModel(
                Tokens(part), part.Maybe("unk_token")?.Text() ?? "[UNK]", part.Maybe("continuing_subword_prefix")?.Text() ?? "##",
                part.Maybe("max_input_chars_per_word")?.Number() ?? UsualLongest),
            "WordLevel" => new WordLevelModel(Tokens(part), part.Part("unk_token").Text()),
            "BPE" => BytePairs(part),
            "Unigram" => Unigram(part),
            _ => throw part.Unsupported(kind),
        };
    }

    /// <summary>The two tokens of a line of merges.</summary>
    /// <param name="line">Two tokens with a space between.</param>
    /// <param name="number">The line's number, for the error.</param>
    /// <exception cref="InputException">There are not two.</exception>
    public static (string Left, string Right) Merge(string line, int number)
    {
        string[] parts = line.Split(' ', 4);
        return parts.Length == 2
            ? (parts[0], parts[1])
            : throw new InputException($"Merge {number} is {TokenizerText.Quote(line)} where two tokens with a space between are wanted.");
    }

    // Files of the first versions name no type.
    private static string Guess(JsonPart part) => part.Maybe("merges") is not null ? "BPE"
        : part.Part("vocab").IsArray ? "Unigram"
        : part.Maybe("continuing_subword_prefix") is not null ? "WordPiece" : "WordLevel";

    private static Vocabulary Tokens(JsonPart part) => new(part.Part("vocab").Properties().Select(static p => (p.Key, p.Value.Number())));

    private static BpeModel BytePairs(JsonPart part)
    {
        if (part.Maybe("dropout")?.Real() is { } dropout and not 0)
            throw new InputException($"{part.Name}.dropout is {dropout}: the same text would have other tokens every time. Set it to 0.");
        Vocabulary vocabulary = Tokens(part);
        List<(string, string)> merges = [];
        foreach (JsonPart merge in part.Part("merges").Items())
        {
            if (merge.IsText)
            {
                string line = merge.Text();
                if (!line.StartsWith("#version", StringComparison.Ordinal)) merges.Add(Merge(line, merges.Count + 1));
                continue;
            }

            JsonPart[] pair = [.. merge.Items().Take(3)];
            merges.Add(pair.Length == 2 ? (pair[0].Text(), pair[1].Text()) : throw merge.Wrong("a pair of tokens"));
        }

        string? prefix = Given(part.Maybe("continuing_subword_prefix"));
        BpeOptions options = new(
            part.Maybe("unk_token")?.Text(), part.Maybe("fuse_unk")?.Truth() ?? false, prefix, Given(part.Maybe("end_of_word_suffix")),
            part.Maybe("byte_fallback")?.Truth() ?? false, part.Maybe("ignore_merges")?.Truth() ?? false);
        return new BpeModel(vocabulary, new BpeMerges(vocabulary, merges, prefix), options);
    }

    private static string? Given(JsonPart? part) => part?.Text() is { Length: > 0 } text ? text : null;

    private static UnigramModel Unigram(JsonPart part)
    {
        List<(string, double)> tokens = [];
        foreach (JsonPart token in part.Part("vocab").Items())
        {
            JsonPart[] pair = [.. token.Items().Take(3)];
            tokens.Add(pair.Length == 2 ? (pair[0].Text(), pair[1].Real()) : throw token.Wrong("a token with its score"));
        }

        int? unknown = part.Maybe("unk_id")?.Number();
        if (unknown >= tokens.Count) throw new InputException($"{part.Name}.unk_id is {unknown}, and there are {tokens.Count} tokens.");
        return new UnigramModel(tokens, unknown, part.Maybe("byte_fallback")?.Truth() ?? false);
    }
}
