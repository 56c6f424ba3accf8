using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// What LayerNormalization and InstanceNormalization share: every row of an example is brought to mean 0 and variance 1,
/// then scaled and shifted. Their parameters repeat over an example, each for some elements in a row.
/// </summary>
internal abstract unsafe class RowNormalization : Operator
{
    private readonly float _epsilon;
    private long _row;
    private long _run;

    protected RowNormalization(NodeBuilder node, int inputs, int optionalInputs)
        : base(node, inputs, optionalInputs) => _epsilon = node.Node.Number("epsilon", 1e-5f);

    public override bool ReusesGradient => true;

    public override bool KeepsInput(int input, bool[] wants) => input == 0 || (input == 1 && wants[0]);

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), scale = context.Input(1), y = context.Output;
        if (y.Length == 0) return;
        float* from = x.Data, to = y.Data, scales = scale.Data, biases = context.Has(2) ? context.Input(2).Data : null, saved = context.Saved;
        (long row, long run, long parameters) = (_row, _run, scale.Length);
        Each(context.Workers, x.Total, row, r =>
        {
            (float mean, float inverse) = Moments(from + (r * row), row);
            (saved[2 * r], saved[(2 * r) + 1]) = (mean, inverse);
            for (long i = 0; i < row; i++)
            {
                long place = (r * row) + i, parameter = place / run % parameters;
                to[place] = ((from[place] - mean) * inverse * scales[parameter]) + (biases == null ? 0 : biases[parameter]);
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), scale = context.Input(1);
        (long row, long run, long parameters) = (_row, _run, scale.Length);
        float* from = x.Data, delta = context.Gradient, scales = scale.Data, saved = context.Saved;
        long length = x.Total;
        if (context.Wants(1))
        {
            GiveParameter(context, 1, x.Length, run, place =>
            {
                long source = place % length, r = source / row;
                return delta[place] * (from[source] - saved[2 * r]) * saved[(2 * r) + 1];
            });
        }

        if (context.Wants(2)) GiveParameter(context, 2, x.Length, run, place => delta[place]);
        if (!context.Wants(0)) return;
        NativeBuffer<float> gradient = context.TakeGradient();
        float* through = gradient.Pointer;
        Each(context.Workers, context.Batch * x.Length, row, r =>
        {
            long source = r * row % length;
            float mean = saved[2 * (source / row)], inverse = saved[(2 * (source / row)) + 1];
            double sum = 0, dot = 0;
            for (long i = 0; i < row; i++)
            {
                float g = through[(r * row) + i] *= scales[((r * row) + i) / run % parameters];
                sum += g;
                dot += g * ((from[source + i] - mean) * inverse);
            }

            (float level, float slope) = ((float)(sum / row), (float)(dot / row));
            for (long i = 0; i < row; i++)
                through[(r * row) + i] = inverse * (through[(r * row) + i] - level - ((from[source + i] - mean) * inverse * slope));
        });
        context.Give(0, gradient);
    }

    /// <summary>Declares the output.</summary>
    /// <param name="node">The node.</param>
    /// <param name="x">The value that is normalised.</param>
    /// <param name="row">Elements of a row.</param>
    /// <param name="run">Elements in a row that share a parameter.</param>
    protected void Declare(NodeBuilder node, Value x, long row, long run)
    {
        (_row, _run) = (Math.Max(row, 1), Math.Max(run, 1));
        node.Float(x.Shape, x.Placement);
        node.Save(2 * (x.Length / _row));
    }

    // Sums over each example in its own order.
    private static void GiveParameter(BackwardContext context, int input, long example, long run, Func<long, float> term)
    {
        NativeBuffer<float> gradient = context.RentZero(input);
        float* to = gradient.Pointer;
        long parameters = context.Input(input).Length;
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
