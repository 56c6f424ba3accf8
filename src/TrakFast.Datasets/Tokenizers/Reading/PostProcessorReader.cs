using System.Globalization;

namespace TrakFast.Datasets;

/// <summary>Reads the post-processor of a tokenizer.json.</summary>
/// <param name="textOf">The text of a token.</param>
internal sealed class PostProcessorReader(Func<int, string> textOf)
{
    /// <summary>Reads a post-processor.</summary>
    /// <exception cref="InputException">Its type is not supported, or a part of it is wrong.</exception>
    public PostProcessor Read(JsonPart part)
    {
        string kind = part.Kind();
        return kind switch
        {
            "Sequence" => new PostProcessorSequence([.. part.Part("processors").Items().Select(Read)]),
            "BertProcessing" => new BertProcessor(Token(part.Part("sep")), Token(part.Part("cls"))),
            "RobertaProcessing" => new RobertaProcessor(Token(part.Part("sep")), Token(part.Part("cls")), Trimmer(part)),
            "ByteLevel" => new ByteLevelProcessor(Trimmer(part)),
            "TemplateProcessing" => Template(part),
            _ => throw part.Unsupported(kind),
        };
    }

    private OffsetTrimmer? Trimmer(JsonPart part) => part.Maybe("trim_offsets")?.Truth() ?? true
        ? new OffsetTrimmer(textOf, part.Maybe("add_prefix_space")?.Truth() ?? true)
        : null;

    private static int Token(JsonPart part)
    {
        JsonPart[] pair = [.. part.Items().Take(3)];
        return pair.Length == 2 ? pair[1].Number() : throw part.Wrong("a token with its number");
    }

    private static TemplateProcessor Template(JsonPart part)
    {
        Dictionary<string, IReadOnlyList<int>> special = new(StringComparer.Ordinal);
        if (part.Maybe("special_tokens") is { } tokens)
            foreach ((string key, JsonPart value) in tokens.Properties())
                special[key] = [.. value.Part("ids").Items().Select(static i => i.Number())];
        return new TemplateProcessor(
            [.. part.Part("single").Items().Select(p => Piece(p, special, 1))], [.. part.Part("pair").Items().Select(p => Piece(p, special, 2))]);
    }

    private static TemplatePart Piece(JsonPart part, Dictionary<string, IReadOnlyList<int>> special, int sequences)
    {
        if (part.IsText) return Written(part, special, sequences);
        if (part.Maybe("Sequence") is { } sequence)
            return new TemplatePart(Sequence(sequence.Part("id"), sequences), [], sequence.Part("type_id").Number());
        if (part.Maybe("SpecialToken") is not { } token) throw part.Wrong("a Sequence or a SpecialToken");
        return new TemplatePart(-1, Special(token.Part("id"), token.Part("id").Text(), special), token.Part("type_id").Number());
    }

    // "$A:0" and "[SEP]:1".
    private static TemplatePart Written(JsonPart part, Dictionary<string, IReadOnlyList<int>> special, int sequences)
    {
        string[] halves = part.Text().Split(':');
        int type = 0;
        if (halves.Length > 2
            || (halves.Length == 2 && !int.TryParse(halves[1], NumberStyles.None, CultureInfo.InvariantCulture, out type)))
            throw part.Wrong("a token or a sequence with its type");
        string name = halves[0];
        if (!name.StartsWith('$')) return new TemplatePart(-1, Special(part, name, special), type);
        int which = name is "$B" or "$b" ? 1 : 0;
        if (name is not ("$" or "$A" or "$a" or "$B" or "$b")
            && !int.TryParse(name[1..], NumberStyles.None, CultureInfo.InvariantCulture, out type)) throw part.Wrong("$A or $B");
        return new TemplatePart(which < sequences ? which : throw part.Wrong("the only sequence, $A,"), [], type);
    }

    private static IReadOnlyList<int> Special(JsonPart part, string name, Dictionary<string, IReadOnlyList<int>> special) =>
        special.TryGetValue(name, out IReadOnlyList<int>? ids)
            ? ids
            : throw new InputException($"{part.Name} names the token {TokenizerText.Quote(name)}, which special_tokens does not have.");

    private static int Sequence(JsonPart part, int sequences) => part.Text() switch
    {
        "A" => 0,
        "B" when sequences == 2 => 1,
        _ => throw part.Wrong(sequences == 2 ? "A or B" : "A"),
    };
}
