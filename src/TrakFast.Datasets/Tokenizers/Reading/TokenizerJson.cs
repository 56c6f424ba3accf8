namespace TrakFast.Datasets;

/// <summary>Reads a tokenizer.json.</summary>
internal static class TokenizerJson
{
    /// <summary>Reads the whole file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="more">Added tokens that are listed beside it; those that the file has too are left as they are there.</param>
    /// <exception cref="InputException">A part of it is wrong or not supported.</exception>
    public static TokenizerParts Read(JsonPart file, IReadOnlyList<AddedToken> more)
    {
        if (file.Maybe("version")?.Text() is { } version and not "1.0")
            throw new InputException($"version is {TokenizerText.Quote(version)}, and only 1.0 is known.");
        TokenModel model = ModelReader.Read(file.Part("model"));
        TextNormalizer? normalizer = file.Maybe("normalizer") is { } n ? NormalizerReader.Read(n) : null;
        PreTokenizer? preTokenizer = file.Maybe("pre_tokenizer") is { } p ? PreTokenizerReader.Read(p) : null;
        TokenDecoder? decoder = file.Maybe("decoder") is { } d ? DecoderReader.Read(d) : null;
        List<AddedToken> tokens = file.Maybe("added_tokens") is { } a ? [.. a.Items().Select(Added)] : [];
        HashSet<string> known = [.. tokens.Select(static t => t.Content)];
        AddedTokens added = new(tokens.Concat(more.Where(t => !known.Contains(t.Content))), model.Vocabulary, normalizer);
        TokenizerPipeline source = new(model, normalizer, preTokenizer, decoder, added);
        PostProcessor? post = file.Maybe("post_processor") is { } q
            ? new PostProcessorReader(id => source.TextOf(id) ?? "").Read(q)
            : null;
        return Settings(file, new TokenizerParts(source, post));
    }

    /// <summary>Reads an added token, as tokenizer.json and tokenizer_config.json have them.</summary>
    public static AddedToken Added(JsonPart part)
    {
        bool special = part.Maybe("special")?.Truth() ?? false;
        return new AddedToken(
            part.Part("content").Text(), special, part.Maybe("normalized")?.Truth() ?? !special, part.Maybe("lstrip")?.Truth() ?? false,
            part.Maybe("rstrip")?.Truth() ?? false, part.Maybe("single_word")?.Truth() ?? false);
    }

    private static TokenizerParts Settings(JsonPart file, TokenizerParts parts)
    {
        if (file.Maybe("truncation") is { } truncation)
            parts = parts with
            {
                Options = parts.Options with
                {
                    MaxLength = truncation.Part("max_length").Number(),
                    TruncationSide = Side(truncation.Maybe("direction")),
                    Truncation = truncation.Maybe("strategy")?.Text() switch
                    {
                        null or "LongestFirst" => TextTruncation.LongestFirst,
                        "OnlyFirst" => TextTruncation.OnlyFirst,
                        "OnlySecond" => TextTruncation.OnlySecond,
                        _ => throw truncation.Part("strategy").Wrong("LongestFirst, OnlyFirst or OnlySecond"),
                    },
                },
            };
        if (file.Maybe("padding") is not { } padding) return parts;
        int? fixedLength = padding.Part("strategy") is { IsObject: true } strategy ? strategy.Part("Fixed").Number() : null;
        return parts with
        {
            Options = parts.Options with
            {
                Padding = fixedLength is null ? TextPadding.Longest : TextPadding.Fixed,
                PaddedLength = fixedLength,
                PaddedMultiple = padding.Maybe("pad_to_multiple_of")?.Number(),
                PaddingSide = Side(padding.Maybe("direction")),
            },
            PadId = padding.Part("pad_id").Number(),
            PadTypeId = padding.Part("pad_type_id").Number(),
            PadToken = padding.Maybe("pad_token")?.Text(),
        };
    }

    private static TextSide Side(JsonPart? part) => part?.Text() switch
    {
        null or "Right" or "right" => TextSide.Right,
        "Left" or "left" => TextSide.Left,
        _ => throw part.Value.Wrong("Left or Right"),
    };
}
