using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// What normalizations of rows share: every row of an example is brought to mean 0 and variance 1 (or, not centered, to
/// mean square 1), then scaled and shifted. Their parameters repeat over an example, each for some elements in a row.
/// </summary>
internal abstract unsafe class RowNormalization : Operator
{
    private readonly float _epsilon;
    private readonly bool _centered;
    private long _row;
    private long _run;

    protected RowNormalization(NodeBuilder node, int inputs, int optionalInputs, bool centered = true)
        : base(node, inputs, optionalInputs)
    {
        _epsilon = node.Node.Number("epsilon", 1e-5f);
        _centered = centered;
    }

    public override StepFacts? Facts => new RowNormalizationFacts(_row, _run, _centered, _epsilon);

    public override bool Overwrites => true;

    public override bool ReusesGradient => true;

    public override bool KeepsInput(int input, bool[] wants) => input == 0 || (input == 1 && wants[0]);

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), scale = context.Input(1), y = context.Output;
        if (y.Length == 0) return;
        float* from = x.Data, to = y.Data, scales = scale.Data,
            biases = context.Has(2) ? context.Input(2).Data : null, saved = context.Saved;
        (long row, long run, long parameters) = (_row, _run, scale.Length);
        context.Workers.Run(x.Total / row, Math.Max(Vectors.Grain / row, 1), (start, end) =>
        {
            for (long r = start; r < end; r++)
            {
                float* read = from + (r * row), write = to + (r * row);
                (float mean, float inverse) = NormalizedRow.Moments(read, row, _epsilon, _centered);
                (saved[2 * r], saved[(2 * r) + 1]) = (mean, inverse);
                long first = r * (row / run) % parameters;
                if (run == 1)
                {
                    NormalizedRow.Forward(read, write, row, mean, inverse, scales + first, biases == null ? null : biases + first);
                    continue;
                }

                for (long p = first; p < first + (row / run); p++, read += run, write += run)
                    Vectors.Normalize(read, write, run, mean, inverse * scales[p], biases == null ? 0 : biases[p]);
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), scale = context.Input(1);
        NativeBuffer<float>? scales = context.Wants(1) ? context.RentZero(1) : null, biases = context.Wants(2) ? context.RentZero(2) : null;
        NativeBuffer<float>? gradient = context.Wants(0) ? context.TakeGradient() : null;
        RowGradient row = new(this, x, scale, context.Saved, gradient is null ? context.Gradient : gradient.Pointer);
        float* toScale = scales is null ? null : scales.Pointer, toBias = biases is null ? null : biases.Pointer;
        long rows = x.Length / _row, parameters = scale.Length;
        bool sums = toScale != null || toBias != null,
            through = gradient is not null,
            together = sums && context.Batch >= context.Workers.Threads;
        if (sums)
        {
            context.Workers.Run(context.Batch, Math.Max(Vectors.Grain / Math.Max(x.Length, 1), 1), (start, end) =>
            {
                // Row by row of each example, in its own order; what goes through a row while it is in the cache.
                for (long r = start * rows; r < end * rows; r++)
                {
                    long b = r / rows * parameters;
                    row.Add(r, toScale == null ? null : toScale + b, toBias == null ? null : toBias + b);
                    if (through && together) row.Through(r);
                }
            });
        }

        if (through && !together)
        {
            context.Workers.Run(context.Batch * rows, Math.Max(Vectors.Grain / _row, 1), (start, end) =>
            {
                for (long r = start; r < end; r++) row.Through(r);
            });
        }

        if (scales is not null) context.Give(1, scales);
        if (biases is not null) context.Give(2, biases);
        if (gradient is not null) context.Give(0, gradient);
    }

    /// <summary>Declares the output.</summary>
    /// <param name="node">The node.</param>
    /// <param name="x">The value that is normalized.</param>
    /// <param name="row">Elements of a row.</param>
    /// <param name="run">Elements in a row that share a parameter.</param>
    protected void Declare(NodeBuilder node, Value x, long row, long run)
    {
        (_row, _run) = (Math.Max(row, 1), Math.Max(run, 1));
        node.Float(x.Shape, x.Placement);
        node.Save(2 * (x.Length / _row));
    }

    // The way back through one row of the batch.
    private readonly struct RowGradient(RowNormalization operation, Tensor x, Tensor scale, float* saved, float* gradient)
    {
        private readonly long _row = operation._row;
        private readonly long _run = operation._run;
        private readonly bool _centered = operation._centered;
        private readonly long _rows = Math.Max(x.Total / operation._row, 1);
        private readonly long _parameters = Math.Max(scale.Length, 1);
        private readonly float* _from = x.Data;
        private readonly float* _scales = scale.Data;
        private readonly float* _saved = saved;
        private readonly float* _gradient = gradient;

        /// <summary>Adds to what the example's scale and bias get; null for one that is not wanted.</summary>
        public void Add(long row, float* scale, float* bias)
        {
            RowView at = At(row);
            (float mean, float inverse, long first) = (at.Mean, at.Inverse, at.First);
            float* delta = at.Delta, read = at.Read;
            if (_run == 1)
            {
                if (scale != null) NormalizedRow.AddScale(delta, read, _row, mean, inverse, scale + first);
                if (bias != null) Vectors.Add(delta, bias + first, _row);
                return;
            }

            for (long p = first; p < first + (_row / _run); p++, read += _run, delta += _run)
            {
                if (scale != null) scale[p] += Vectors.Dot(delta, read, _run, mean) * inverse;
                if (bias != null) bias[p] += Vectors.Sum(delta, _run);
            }
        }

        /// <summary>Turns the row's gradient into its input's.</summary>
        public void Through(long row)
        {
            RowView at = At(row);
            (float mean, float inverse, long first) = (at.Mean, at.Inverse, at.First);
            float* delta = at.Delta, read = at.Read;
            double sum = 0, dot = 0;
            for (long start = 0, p = first; start < _row; start += _run == 1 ? _row : _run, p++)
            {
                (double s, double d) = NormalizedRow.Weigh(
                    delta + start, read + start, _run == 1 ? _row : _run, mean, inverse, _scales + p, _run == 1);
                (sum, dot) = (sum + s, dot + d);
            }

            NormalizedRow.Backward(delta, read, _row, mean, inverse, _centered ? (float)(sum / _row) : 0, (float)(dot / _row));
        }

        private RowView At(long row)
        {
            long source = row % _rows;
            return new RowView(
                _gradient + (row * _row), _from + (source * _row), _saved[2 * source],
                _saved[(2 * source) + 1], row * (_row / _run) % _parameters);
        }
    }

    // A row's gradient, the row, its moments, and the first of its parameters.
    private readonly struct RowView(float* delta, float* read, float mean, float inverse, long first)
    {
        public readonly float* Delta = delta;
        public readonly float* Read = read;
        public readonly float Mean = mean;
        public readonly float Inverse = inverse;
        public readonly long First = first;
    }
}
