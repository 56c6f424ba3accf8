namespace TrakFast.Onnx;

/// <summary>
/// One axis resampled: output o is the sum of Weights[t] times element Sources[t] of the input, t from Starts[o] to
/// Starts[o + 1]. An output without a term lies outside and takes the filler.
/// </summary>
/// <param name="Input">Size before.</param>
/// <param name="Starts">Where each output's terms begin, and the end of the last.</param>
/// <param name="Sources">Each term's element.</param>
/// <param name="Weights">Each term's weight.</param>
internal sealed record ResampledAxis(int Input, int[] Starts, int[] Sources, float[] Weights)
{
    /// <summary>Size behind.</summary>
    public int Output => Starts.Length - 1;

    /// <summary>An axis that stays as it is.</summary>
    public static ResampledAxis Same(int size)
    {
        float[] ones = new float[size];
        Array.Fill(ones, 1);
        return new ResampledAxis(size, [.. Enumerable.Range(0, size + 1)], [.. Enumerable.Range(0, size)], ones);
    }

    /// <summary>An axis from a list of terms for each output, those of one element beside each other.</summary>
    public static ResampledAxis Of(int input, IEnumerable<IEnumerable<(int Source, float Weight)>> outputs)
    {
        List<int> starts = [0], sources = [];
        List<float> weights = [];
        foreach (IEnumerable<(int Source, float Weight)> terms in outputs)
        {
            foreach ((int source, float weight) in terms)
            {
                if (weight == 0) continue;
                if (sources.Count > starts[^1] && sources[^1] == source) weights[^1] += weight;
                else
                {
                    sources.Add(source);
                    weights.Add(weight);
                }
            }

            starts.Add(sources.Count);
        }

        return new ResampledAxis(input, [.. starts], [.. sources], [.. weights]);
    }
}
