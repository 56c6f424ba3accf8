namespace TrakFast.Tests.Support;

/// <summary>The network of the <c>clip</c> fixture written out in plain float64 loops, to know its embeddings without an engine.</summary>
internal sealed class ClipTowers(Checkpoint checkpoint)
{
    private const int Pixels = 8, Filters = 6, Side = 4, Width = 8;

    /// <summary>The model's outputs for a batch.</summary>
    public ModelResult Forward(Batch batch)
    {
        float[] images = batch["image"].ToFloats();
        long[] texts = batch["text"].ToLongs();
        int tokens = texts.Length / batch.Size;
        float[] u = [.. Enumerable.Range(0, batch.Size).SelectMany(b => Image(images.AsSpan(b * Pixels * Pixels, Pixels * Pixels)))];
        float[] v = [.. Enumerable.Range(0, batch.Size).SelectMany(b => Text(texts.AsSpan(b * tokens, tokens)))];
        return new HandResult(
            ("image_embeddings", DataArray.From(u, batch.Size, Width)),
            ("text_embeddings", DataArray.From(v, batch.Size, Width)),
            ("scale", DataArray.From([(float)Math.Exp(Weight("logit_scale")[0])], [])));
    }

    private float[] Image(ReadOnlySpan<float> pixels)
    {
        float[] kernel = Weight("conv.weight"), bias = Weight("conv.bias");
        double[] hidden = new double[Filters * Side * Side];
        for (int at = 0; at < hidden.Length; at++)
        {
            int filter = at / (Side * Side), row = at / Side % Side, column = at % Side;
            double sum = bias[filter];
            for (int dy = 0; dy < 3; dy++)
            {
                for (int dx = 0; dx < 3; dx++)
                {
                    int y = (2 * row) + dy - 1, x = (2 * column) + dx - 1;
                    if (y is >= 0 and < Pixels && x is >= 0 and < Pixels)
                        sum += (double)kernel[(filter * 9) + (dy * 3) + dx] * pixels[(y * Pixels) + x];
                }
            }

            hidden[at] = Math.Max(sum, 0);
        }

        return Normalized("visual", hidden);
    }

    private float[] Text(ReadOnlySpan<long> tokens)
    {
        float[] table = Weight("token.weight");
        double[] mean = new double[12];
        foreach (long token in tokens)
        {
            for (int j = 0; j < mean.Length; j++) mean[j] += table[(token * mean.Length) + j] / (double)tokens.Length;
        }

        return Normalized("text_proj", [.. mean.Select(Math.Tanh)]);
    }

    private float[] Normalized(string layer, double[] x)
    {
        float[] weight = Weight($"{layer}.weight"), bias = Weight($"{layer}.bias");
        double[] y =
            [.. Enumerable.Range(0, Width).Select(o => bias[o] + x.Select((value, i) => value * weight[(o * x.Length) + i]).Sum())];
        double norm = Math.Sqrt(y.Sum(static value => value * value));
        return [.. y.Select(value => (float)(value / norm))];
    }

    private float[] Weight(string name) => checkpoint.Tensors[name].ToFloats();
}
