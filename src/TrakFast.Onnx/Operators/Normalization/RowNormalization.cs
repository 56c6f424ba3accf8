using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// What normalisations of rows share: every row of an example is brought to mean 0 and variance 1 (or, not centred, to
/// mean square 1), then scaled and shifted. Their parameters repeat over an example, each for some elements in a row.
/// </summary>
internal abstract unsafe class RowNormalization : Operator
{
    private readonly float _epsilon;
    private readonly bool _centred;
    private long _row;
    private long _run;

    protected RowNormalization(NodeBuilder node, int inputs, int optionalInputs, bool centred = true)
        : base(node, inputs, optionalInputs)
    {
        _epsilon = node.Node.Number("epsilon", 1e-5f);
        _centred = centred;
    }

    public override bool Overwrites => true;

    public override bool ReusesGradient => true;

    public override bool KeepsInput(int input, bool[] wants) => input == 0 || (input == 1 && wants[0]);

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), scale = context.Input(1), y = context.Output;
        if (y.Length == 0) return;
        float* from = x.Data, to = y.Data, scales = scale.Data, biases = context.Has(2) ? context.Input(2).Data : null, saved = context.Saved;
        (long row, long run, long parameters) = (_row, _run, scale.Length);
        context.Workers.Run(x.Total / row, Math.Max(Vectors.Grain / row, 1), (start, end) =>
        {
            for (long r = start; r < end; r++)
            {
                float* read = from + (r * row), write = to + (r * row);
                (float mean, float inverse) = NormalisedRow.Moments(read, row, _epsilon, _centred);
                (saved[2 * r], saved[(2 * r) + 1]) = (mean, inverse);
                long first = r * (row / run) % parameters;
                if (run == 1)
                {
                    NormalisedRow.Forward(read, write, row, mean, inverse, scales + first, biases == null ? null : biases + first);
                    continue;
                }

                for (long p = first; p < first + (row / run); p++, read += run, write += run)
                    Vectors.Normalise(read, write, run, mean, inverse * scales[p], biases == null ? 0 : biases[p]);
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), scale = context.Input(1);
        (long row, long run, long parameters) = (_row, _run, scale.Length);
        float* from = x.Data, saved = context.Saved;
        long rows = x.Total / row;
        if (context.Wants(1)) GiveScale(context, x);
        if (context.Wants(2)) GiveBias(context, x.Length);
        if (!context.Wants(0)) return;
        float* scales = scale.Data;
        NativeBuffer<float> gradient = context.TakeGradient();
        float* through = gradient.Pointer;
        context.Workers.Run(context.Batch * x.Length / row, Math.Max(Vectors.Grain / row, 1), (start, end) =>
        {
            for (long r = start; r < end; r++)
            {
                long source = r % rows, first = r * (row / run) % parameters;
                float mean = saved[2 * source], inverse = saved[(2 * source) + 1];
                float* delta = through + (r * row), read = from + (source * row);
                double sum = 0, dot = 0;
                for (long at = 0, p = first; at < row; at += run == 1 ? row : run, p++)
                {
                    (double s, double d) = NormalisedRow.Weigh(delta + at, read + at, run == 1 ? row : run, mean, inverse, scales + p, run == 1);
                    (sum, dot) = (sum + s, dot + d);
                }

                NormalisedRow.Backward(delta, read, row, mean, inverse, _centred ? (float)(sum / row) : 0, (float)(dot / row));
            }
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

    // Row by row of each example, in its own order.
    private void GiveScale(BackwardContext context, Tensor x)
    {
        float* from = x.Data, delta = context.Gradient, saved = context.Saved;
        (long row, long run, long rows) = (_row, _run, x.Length / _row);
        Sum(context, 1, x.Length, (b, r, first, to) =>
        {
            long source = (x.Separate ? b * rows : 0) + r;
            float mean = saved[2 * source], inverse = saved[(2 * source) + 1];
            float* read = from + (source * row), deltas = delta + (((b * rows) + r) * row);
            if (run == 1) NormalisedRow.AddScale(deltas, read, row, mean, inverse, to + first);
            else
            {
                for (long p = first; p < first + (row / run); p++, read += run, deltas += run) to[p] += Vectors.Dot(deltas, read, run, mean) * inverse;
            }
        });
    }

    private void GiveBias(BackwardContext context, long length)
    {
        float* delta = context.Gradient;
        (long row, long run, long rows) = (_row, _run, length / _row);
        Sum(context, 2, length, (b, r, first, to) =>
        {
            float* deltas = delta + (((b * rows) + r) * row);
            if (run == 1) Vectors.Add(deltas, to + first, row);
            else
            {
                for (long p = first; p < first + (row / run); p++, deltas += run) to[p] += Vectors.Sum(deltas, run);
            }
        });
    }

    // Gives a parameter the sum that add(example, row, the row's first parameter, the example's sum) makes.
    private void Sum(BackwardContext context, int input, long length, AddRow add)
    {
        NativeBuffer<float> gradient = context.RentZero(input);
        float* to = gradient.Pointer;
        long parameters = context.Input(input).Length, rows = length / _row, segments = _row / _run;
        context.Workers.Run(context.Batch, Math.Max(Vectors.Grain / Math.Max(length, 1), 1), (start, end) =>
        {
            for (long b = start; b < end; b++)
            {
                for (long r = 0; r < rows; r++) add(b, r, r * segments % parameters, to + (b * parameters));
            }
        });
        context.Give(input, gradient);
    }

    private delegate void AddRow(long example, long row, long first, float* sum);
}
