namespace TrakFast.Datasets;

/// <summary>Reads the decoder of a tokenizer.json.</summary>
internal static class DecoderReader
{
    /// <summary>Reads a decoder.</summary>
    /// <exception cref="InputException">Its type is not supported, or a part of it is wrong.</exception>
    public static TokenDecoder Read(JsonPart part)
    {
        string kind = part.Kind();
        return kind switch
        {
            "Sequence" => new DecoderSequence([.. part.Part("decoders").Items().Select(Read)]),
            "ByteLevel" => new ByteLevelDecoder(),
            "WordPiece" => new WordPieceDecoder(part.Maybe("prefix")?.Text() ?? "##", part.Maybe("cleanup")?.Truth() ?? true),
            "Metaspace" => new MetaspaceDecoder(part.Part("replacement").Character(), PreTokenizerReader.Scheme(part) != PrependScheme.Never),
            "BPEDecoder" => new BpeDecoder(part.Maybe("suffix")?.Text() ?? "</w>"),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Strip" => new StripDecoder(CodePoints.Text(part.Part("content").Character()), part.Part("start").Number(), part.Part("stop").Number()),
            "Replace" => new ReplaceDecoder(PatternReader.Read(part.Part("pattern")), part.Part("content").Text()),
            "CTC" => new CtcDecoder(part.Part("pad_token").Text(), part.Part("word_delimiter_token").Text(), part.Part("cleanup").Truth()),
            _ => throw part.Unsupported(kind),
        };
    }
}
