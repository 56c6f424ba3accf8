namespace TrakFast.Datasets;

/// <summary>Sequences of the same length as arrays of int64, [B, T].</summary>
public sealed class TokenBatch
{
    internal TokenBatch(IReadOnlyList<TokenSequence> sequences, int length)
    {
        Sequences = sequences;
        Length = length;
        InputIds = Array(static (s, i) => s.Ids[i]);
        AttentionMask = Array(static (s, i) => s.IsPadding(i) ? 0 : 1);
        TokenTypeIds = Array(static (s, i) => s.TypeIds[i]);
    }

    /// <summary>The sequences.</summary>
    public IReadOnlyList<TokenSequence> Sequences { get; }

    /// <summary>T: number of tokens of each.</summary>
    public int Length { get; }

    /// <summary>input_ids: numbers of the tokens.</summary>
    public DataArray InputIds { get; }

    /// <summary>attention_mask: 1 for tokens, 0 for padding.</summary>
    public DataArray AttentionMask { get; }

    /// <summary>token_type_ids: to which text each token belongs.</summary>
    public DataArray TokenTypeIds { get; }

    private DataArray Array(Func<TokenSequence, int, long> value)
    {
        long[] values = new long[(long)Sequences.Count * Length];
        for (int row = 0; row < Sequences.Count; row++)
            for (int i = 0; i < Length; i++) values[((long)row * Length) + i] = value(Sequences[row], i);
        return DataArray.From(values, Sequences.Count, Length);
    }
}
