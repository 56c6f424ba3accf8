using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Batch normalisation in inference: y = scale·(x − mean)/√(var + ε) + bias for each channel, with running statistics
/// that take no gradient.
/// </summary>
internal sealed unsafe class BatchNormalization : Operator
{
    private readonly float _epsilon;

    public BatchNormalization(NodeBuilder node)
        : base(node, inputs: 5)
    {
        if (node.Opset >= 14 && node.Node.Integer("training_mode", 0) != 0)
            throw node.Refuse("is in training mode, where examples mix; export the model in evaluation mode");
        _epsilon = node.Node.Number("epsilon", 1e-5f);
        Value x = node.Floats(0);
        for (int axis = 1; axis < x.Rank; axis++) node.RefuseExamples(axis, x);
        for (int i = 1; i < 5; i++)
        {
            Value values = node.Floats(i);
            if (x.Rank < 2 || values.Batched || values.Rank != 1 || values.Shape[0] != x.Shape[1])
                throw node.Refuse($"normalises {x} with {values}; one number for each channel is wanted");

            // Running statistics take no gradient; were they computed from parameters, a gradient would be lost in silence.
            if (i > 2 && !values.Stored && values.Constant is null) throw node.Refuse("computes its running mean or variance; they must be stored in the file");
        }

        node.Float(x.Shape, x.Placement);
    }

    /// <summary>
    /// In training mode statistics come from the value itself. That mixes examples, but for a value that all share, such as
    /// a weight that is standardised, it is arithmetic as any other.
    /// </summary>
    public static IReadOnlyList<GraphNode>? Lower(NodeBuilder node)
    {
        if (node.Opset < 14 || node.Node.Integer("training_mode", 0) == 0 || node.InputCount != 5 || !node.Has(0) || !node.Has(1) || !node.Has(2) || node.Peek(0).Batched || node.Peek(0).Rank < 2) return null;
        Lowered parts = new(node);
        int rank = node.Peek(0).Rank;
        string x = node.Node.Inputs[0], axes = parts.Integers([.. Enumerable.Range(0, rank).Where(static a => a != 1).Select(static a => (long)a)]);
        string column = parts.Integers([-1, .. Enumerable.Repeat(1L, rank - 2)]);
        string centred = parts.Add("Sub", [x, Mean(x)]);
        string variance = parts.Add("Add", [Mean(parts.Add("Mul", [centred, centred])), parts.Number(node.Node.Number("epsilon", 1e-5f))]);
        string normal = parts.Add("Div", [centred, parts.Add("Sqrt", [variance])]);
        string scaled = parts.Add("Mul", [normal, parts.Add("Reshape", [node.Node.Inputs[1], column])]);
        parts.Add("Add", [scaled, parts.Add("Reshape", [node.Node.Inputs[2], column])]);
        return parts.Finish();

        string Mean(string value) => node.Opset < 18
            ? parts.Add("ReduceMean", [value], [new("axes", new IntegersAttribute([.. Enumerable.Range(0, rank).Where(static a => a != 1).Select(static a => (long)a)]))])
            : parts.Add("ReduceMean", [value, axes]);
    }

    public override bool ReusesGradient => true;

    public override bool KeepsInput(int input, bool[] wants) => input > 0 || wants[1];

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        float* scale = context.Input(1).Data, bias = context.Input(2).Data, mean = context.Input(3).Data, variance = context.Input(4).Data;
        float* from = x.Data, to = context.Output.Data;
        Planes(context.Workers, x, x.Parts * x.Shape[0], (plane, channel, length) =>
            Vectors.Normalise(from + plane, to + plane, length, mean[channel], Inverse(variance[channel]) * scale[channel], bias[channel]));
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        long channels = x.Shape[1], perExample = x.Shape[0], images = context.Batch * perExample;
        float* delta = context.Gradient, from = x.Data;
        float* scale = context.Input(1).Data, mean = context.Input(3).Data, variance = context.Input(4).Data;
        if (context.Wants(1))
        {
            NativeBuffer<float> gradient = context.RentZero(1);
            float* to = gradient.Pointer;
            Sum(context, x, perExample, (b, plane, source, channel, length) =>
                to[(b * channels) + channel] += Vectors.Dot(delta + plane, from + source, length, mean[channel]) * Inverse(variance[channel]));
            context.Give(1, gradient);
        }

        if (context.Wants(2))
        {
            NativeBuffer<float> gradient = context.RentZero(2);
            float* to = gradient.Pointer;
            Sum(context, x, perExample, (b, plane, _, channel, length) => to[(b * channels) + channel] += Vectors.Sum(delta + plane, length));
            context.Give(2, gradient);
        }

        if (!context.Wants(0)) return;
        NativeBuffer<float> back = context.TakeGradient();
        float* through = back.Pointer;
        Planes(context.Workers, x, images, (plane, channel, length) =>
            Vectors.Scale(Inverse(variance[channel]) * scale[channel], through + plane, length));
        context.Give(0, back);
    }

    private static void Planes(Workers workers, Tensor x, long images, Action<long, long, long> body)
    {
        long channels = x.Shape[1], length = Length(x);
        workers.Run(images * channels, Math.Max(Vectors.Grain / Math.Max(length, 1), 1), (start, end) =>
        {
            for (long plane = start; plane < end; plane++) body(plane * length, plane % channels, length);
        });
    }

    // body(example, where the plane's gradient begins, where its input begins, channel, length); an example's images in order.
    private static void Sum(BackwardContext context, Tensor x, long images, Action<long, long, long, long, long> body)
    {
        long channels = x.Shape[1], length = Length(x);
        context.Workers.Run(context.Batch, Math.Max(Vectors.Grain / Math.Max(images * channels * length, 1), 1), (start, end) =>
        {
            for (long b = start; b < end; b++)
            {
                for (long i = 0; i < images * channels; i++)
                    body(b, ((b * images * channels) + i) * length, ((x.Separate ? b * images * channels : 0) + i) * length, i % channels, length);
            }
        });
    }

    private static long Length(Tensor x) => x.Length / Math.Max(x.Shape[0] * x.Shape[1], 1);

    private float Inverse(float variance) => 1 / MathF.Sqrt(variance + _epsilon);
}
