using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// What each position of a text has to predict: the token after it. Tokens come from <c>labels</c> [B, T] where the batch
/// has them, and from <c>input_ids</c> [B, T] where not; both stand in the place of the token itself, as for Hugging Face's
/// models. A label of −100 is not predicted. With an <c>attention_mask</c> [B, T], neither is a token that the mask leaves
/// out, nor one whose predecessor is left out, so that padding on the left counts as padding on the right does.
/// </summary>
internal sealed class NextTokens
{
    private const long NotPredicted = -100;

    private NextTokens(DataArray tokens, DataArray ignored, DataArray counts) => (Tokens, Ignored, Counts) = (tokens, ignored, counts);

    /// <summary>The token behind each position, 0 where none is predicted, [B, T, 1].</summary>
    public DataArray Tokens { get; }

    /// <summary>Positions that predict nothing, the last one among them, [B, T].</summary>
    public DataArray Ignored { get; }

    /// <summary>Tokens that are predicted in each example, 1 or more, [B].</summary>
    public DataArray Counts { get; }

    /// <summary>Whether a batch has tokens.</summary>
    public static bool AreIn(Batch batch) => batch.TryGet("labels", out _) || batch.TryGet("input_ids", out _);

    /// <summary>Reads a batch.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="logits">Shape of the logits, [B, T, V].</param>
    /// <param name="first">What errors add to an example's place.</param>
    /// <exception cref="InputException">
    /// There are no tokens, an array has another shape, a token is not one of V, or an example has none to predict.
    /// </exception>
    public static NextTokens Of(Batch batch, IReadOnlyList<long> logits, long first = 0)
    {
        string name = batch.TryGet("labels", out _) ? "labels"
            : batch.TryGet("input_ids", out _) ? "input_ids"
            : throw new InputException(
                $"Language modeling reads the tokens from 'labels' or 'input_ids'; the batch has {string.Join(", ", batch.Names)}.");
        long[] values = Read(batch, name, logits);
        long[]? mask = batch.TryGet("attention_mask", out _) ? Read(batch, "attention_mask", logits) : null;
        int length = checked((int)logits[1]);
        long[] tokens = new long[values.Length];
        bool[] ignored = new bool[values.Length];
        float[] counts = new float[batch.Size];
        for (int b = 0; b < batch.Size; b++)
        {
            for (int t = 0; t < length; t++)
            {
                int at = (b * length) + t;
                ignored[at] = t == length - 1 || values[at + 1] == NotPredicted
                    || (mask is not null && (mask[at] == 0 || mask[at + 1] == 0));
                if (ignored[at]) continue;
                tokens[at] = values[at + 1] >= 0 && values[at + 1] < logits[2]
                    ? values[at + 1]
                    : throw new InputException(
                        $"'{name}' holds {values[at + 1]} (example {first + b}, position {t + 1}); "
                        + $"the model has {logits[2]} tokens, numbered from 0.");
                counts[b]++;
            }

            if (counts[b] == 0)
                throw new InputException(
                    $"Example {first + b} has no token to predict: each of its {length} positions is padding, ignored, or the first.");
        }

        return new NextTokens(
            DataArray.From(tokens, batch.Size, length, 1), DataArray.From(ignored, batch.Size, length), DataArray.From(counts, batch.Size));
    }

    private static long[] Read(Batch batch, string name, IReadOnlyList<long> logits)
    {
        DataArray array = batch[name];
        if (array.Type.IsFloat() || !array.Shape.SequenceEqual([batch.Size, logits[1]]))
            throw new InputException(
                $"'{name}' is {array}; a whole number for each position of the logits is wanted, {Shapes.Text([batch.Size, logits[1]])}.");
        return array.ToLongs();
    }
}
