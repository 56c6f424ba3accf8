namespace TrakFast.Cli.Vocabularies;

/// <summary>Tells tokens that steer a model from tokens that are text, by the names that are in use.</summary>
internal static class SpecialTokens
{
    private static readonly string[] Names =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[BOS]", "[EOS]",
        "<pad>", "<unk>", "<s>", "</s>", "<mask>", "<cls>", "<sep>", "<bos>", "<eos>", "<eod>", "<eop>", "<blank>",
    ];

    private static readonly string[] FrameWords = ["cls", "sep", "bos", "eos", "eod", "eop", "eot", "start", "begin", "end"];

    /// <summary>Whether a token is special by its name: <c>[CLS]</c>, <c>&lt;/s&gt;</c>, <c>&lt;|endoftext|&gt;</c>.</summary>
    public static bool IsSpecial(string token) =>
        (token.StartsWith("<|", StringComparison.Ordinal) && token.EndsWith("|>", StringComparison.Ordinal) && token.Length > 4)
        || (token.StartsWith("[unused", StringComparison.Ordinal) && token.EndsWith(']'))
        || Names.Contains(token, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a special token only fills up a row: <c>[PAD]</c>, <c>&lt;pad&gt;</c>, <c>&lt;|finetune_right_pad_id|&gt;</c>.
    /// </summary>
    public static bool IsPadding(string specialToken) => specialToken.Contains("pad", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a special token opens or closes a row: <c>[CLS]</c>, <c>&lt;/s&gt;</c>, <c>&lt;|endoftext|&gt;</c>; not <c>[MASK]</c>.
    /// </summary>
    public static bool IsFrame(string specialToken) =>
        specialToken is "<s>" or "</s>" || FrameWords.Any(word => specialToken.Contains(word, StringComparison.OrdinalIgnoreCase));
}
