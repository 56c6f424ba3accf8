using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// What LayerNormalization and InstanceNormalization share: every row of an example is brought to mean 0 and variance 1,
/// then scaled and shifted. Their parameters repeat over an example, each for some elements in a row.
/// </summary>
internal abstract unsafe class RowNormalization : Operator
{
    private readonly float _epsilon;

    protected RowNormalization(GraphNode node, int inputs, int optionalInputs)
        : base(node, inputs, optionalInputs) => _epsilon = node.Number("epsilon", 1e-5f);

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), scale = context.Input(1);
        Tensor? bias = context.Has(2) ? context.Input(2) : null;
        (long row, long run) = Sizes(x, scale, bias);
        Tensor y = context.Allocate(x.Shape, x.Batched);
        if (y.Length == 0) return;
        float* from = x.Data, to = y.Data, scales = scale.Data, biases = bias is null ? null : bias.Data;
        float* saved = context.Save(2 * (x.Length / row));
        Each(context.Workers, x.Length, row, r =>
        {
            (float mean, float inverse) = Moments(from + (r * row), row);
            (saved[2 * r], saved[(2 * r) + 1]) = (mean, inverse);
            for (long i = 0; i < row; i++)
            {
                long place = (r * row) + i, parameter = place / run % scale.Length;
                to[place] = ((from[place] - mean) * inverse * scales[parameter]) + (biases == null ? 0 : biases[parameter]);
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), scale = context.Input(1);
        (long row, long run) = Sizes(x, scale, null);
        float* from = x.Data, delta = context.Gradient, scales = scale.Data, saved = context.Saved;
        long length = x.Length;
        if (context.Wants(1))
        {
            GiveParameter(context, 1, x, run, place =>
            {
                long source = place % length, r = source / row;
                return delta[place] * (from[source] - saved[2 * r]) * saved[(2 * r) + 1];
            });
        }

        if (context.Wants(2)) GiveParameter(context, 2, x, run, place => delta[place]);
        if (!context.Wants(0)) return;
        NativeBuffer<float> gradient = context.TakeGradient();
        float* through = gradient.Pointer;
        Each(context.Workers, context.Batch * x.ExampleLength, row, r =>
        {
            long source = r * row % length;
            float mean = saved[2 * (source / row)], inverse = saved[(2 * (source / row)) + 1];
            double sum = 0, dot = 0;
            for (long i = 0; i < row; i++)
            {
                float g = through[(r * row) + i] *= scales[((r * row) + i) / run % scale.Length];
                sum += g;
                dot += g * ((from[source + i] - mean) * inverse);
            }

            (float level, float slope) = ((float)(sum / row), (float)(dot / row));
            for (long i = 0; i < row; i++)
                through[(r * row) + i] = inverse * (through[(r * row) + i] - level - ((from[source + i] - mean) * inverse * slope));
        });
        context.Give(0, gradient);
    }

    /// <summary>Elements of a row, and elements in a row that share a parameter.</summary>
    protected abstract (long Row, long Run) Sizes(Tensor x, Tensor scale, Tensor? bias);

    // Sums over each example in its own order.
    private static void GiveParameter(BackwardContext context, int input, Tensor x, long run, Func<long, float> term)
    {
        NativeBuffer<float> gradient = context.RentZero(input);
        float* to = gradient.Pointer;
        long example = x.ExampleLength, parameters = context.Input(input).Length;
        context.Workers.Run(context.Batch, Math.Max(Vectors.Grain / Math.Max(example, 1), 1), (start, end) =>
        {
            for (long b = start; b < end; b++)
            {
                for (long i = 0; i < example; i++) to[(b * parameters) + (i / run % parameters)] += term((b * example) + i);
            }
        });
        context.Give(input, gradient);
    }

    private static void Each(Workers workers, long length, long row, Action<long> body) =>
        workers.Run(length / row, Math.Max(Vectors.Grain / row, 1), (start, end) =>
        {
            for (long r = start; r < end; r++) body(r);
        });

    private (float Mean, float Inverse) Moments(float* x, long length)
    {
        double sum = 0, squares = 0;
        for (long i = 0; i < length; i++) sum += x[i];
        double mean = sum / length;
        for (long i = 0; i < length; i++) squares += (x[i] - mean) * (x[i] - mean);
        return ((float)mean, (float)(1 / Math.Sqrt((squares / length) + _epsilon)));
    }
}
