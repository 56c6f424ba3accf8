using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast.Datasets;

/// <summary>Texts as tokens, all of one length: the ids, and what goes along with them.</summary>
public sealed class TokenField : ExampleField
{
    private const int NotPredicted = -100;
    private readonly RowText _text;
    private readonly TextTokenizer _tokenizer;
    private readonly int _length;
    private readonly int _limit;
    private readonly (FieldArray Array, TokenPart Part)[] _arrays;

    /// <summary>Creates the field.</summary>
    /// <param name="text">Finds a row's text.</param>
    /// <param name="tokenizer">Turns it into tokens.</param>
    /// <param name="length">Tokens of every example, T: shorter texts are padded.</param>
    /// <param name="limit">Tokens that a text is cut to, at most T.</param>
    /// <param name="arrays">Names and types of the arrays [T], and what they hold.</param>
    internal TokenField(RowText text, TextTokenizer tokenizer, int length, int limit,
        IReadOnlyList<(string Name, ElementType Type, TokenPart Part)> arrays)
    {
        (_text, _tokenizer, _length, _limit) = (text, tokenizer, length, limit);
        _arrays = [.. arrays.Select(a => (new FieldArray(a.Name, a.Type, [length]), a.Part))];
        if (arrays.FirstOrDefault(static a =>
            a.Type is not (ElementType.Int64 or ElementType.Int32 or ElementType.Float32 or ElementType.Bool)) is { Name: not null } wrong)
            throw new InputException($"'{wrong.Name}' is {wrong.Type}; tokens and masks are read as int64, int32, float32 or bool.");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => _text.Columns;

    /// <inheritdoc/>
    public override IReadOnlyList<FieldArray> Arrays => [.. _arrays.Select(static a => a.Array)];

    /// <inheritdoc/>
    public override string Description => $"{string.Join(" and ", Columns.Select(static c => $"'{c}'"))}, {_tokenizer.Description}, {_limit} tokens at most, {_length} with padding";

    /// <inheritdoc/>
    public override string Identity => $"{Description} {_tokenizer.Fingerprint} {_text.Template}";

    /// <inheritdoc/>
    internal override PreparedExample Prepare(ReadOnlySpan<object?> values, string where)
    {
        TokenSequence tokens = Encode(_tokenizer, _text, values, where, _limit);
        int[] content = new int[2 * tokens.Length];
        for (int i = 0; i < tokens.Length; i++) (content[2 * i], content[(2 * i) + 1]) = (tokens.Ids[i], tokens.TypeIds[i]);
        return tokens.Length > 0 ? new PreparedExample(content) : throw new InputException($"{where} has a text without any token.");
    }

    /// <inheritdoc/>
    internal override void Write(PreparedExample example, int place, IReadOnlyList<byte[]> arrays)
    {
        int[] content = (int[])example.Content;
        int count = content.Length / 2, first = _tokenizer.Options.PaddingSide == TextSide.Left ? _length - count : 0;
        for (int a = 0; a < _arrays.Length; a++)
        {
            (FieldArray array, TokenPart part) = _arrays[a];
            Span<byte> room = arrays[a].AsSpan(place * array.Bytes, array.Bytes);
            for (int t = 0; t < _length; t++)
            {
                int at = t - first;
                bool isToken = at >= 0 && at < count;
                long value = part switch
                {
                    TokenPart.Tokens => isToken ? content[2 * at] : _tokenizer.PadId ?? 0,
                    TokenPart.Mask => isToken ? 1 : 0,
                    TokenPart.Types => isToken ? content[(2 * at) + 1] : 0,
                    TokenPart.Labels => isToken ? content[2 * at] : NotPredicted,
                    _ => isToken ? at : at < 0 ? 1 : 0,
                };
                switch (array.Type)
                {
                    case ElementType.Int64: MemoryMarshal.Cast<byte, long>(room)[t] = value; break;
                    case ElementType.Int32: MemoryMarshal.Cast<byte, int>(room)[t] = (int)value; break;
                    case ElementType.Float32: MemoryMarshal.Cast<byte, float>(room)[t] = value; break;
                    default: room[t] = (byte)(value != 0 ? 1 : 0); break;
                }
            }
        }
    }

    /// <summary>The tokens of a row.</summary>
    internal static TokenSequence Encode(TextTokenizer tokenizer, RowText text, ReadOnlySpan<object?> values, string where, int? limit)
    {
        if (values[0] is TextChunk chunk) return chunk.Tokens;
        (string first, string? second) = text.Read(values, where);
        return tokenizer.Encode(first, second, tokenizer.Options with { MaxLength = limit, Padding = TextPadding.None });
    }
}
