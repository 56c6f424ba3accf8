using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Batch normalization in inference: y = scale·(x − mean)/√(var + ε) + bias for each channel, with running statistics
/// that take no gradient.
/// </summary>
internal sealed unsafe class BatchNormalization : Operator
{
    private readonly float _epsilon;
    private readonly bool _relu;

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
                throw node.Refuse($"normalizes {x} with {values}; one number for each channel is wanted");

            // Running statistics take no gradient; were they computed from parameters, a gradient would be lost in silence.
            if (i > 2 && !values.Stored && values.Constant is null)
                throw node.Refuse("computes its running mean or variance; they must be stored in the file");
        }

        node.Float(x.Shape, x.Placement);
    }

    /// <summary>
    /// In training mode statistics come from the value itself. That mixes examples, but for a value that all share, such as
    /// a weight that is standardised, it is arithmetic as any other.
    /// </summary>
    public static IReadOnlyList<GraphNode>? Lower(NodeBuilder node)
    {
        if (node.Opset < 14 || node.Node.Integer("training_mode", 0) == 0 || node.InputCount != 5
            || !node.Has(0) || !node.Has(1) || !node.Has(2) || node.Peek(0).Batched || node.Peek(0).Rank < 2)
            return null;
        Lowered parts = new(node);
        int rank = node.Peek(0).Rank;
        string x = node.Node.Inputs[0],
            axes = parts.Integers([.. Enumerable.Range(0, rank).Where(static a => a != 1).Select(static a => (long)a)]);
        string column = parts.Integers([-1, .. Enumerable.Repeat(1L, rank - 2)]);
        string centered = parts.Add("Sub", [x, Mean(x)]);
        string variance = parts.Add(
            "Add", [Mean(parts.Add("Mul", [centered, centered])), parts.Number(node.Node.Number("epsilon", 1e-5f))]);
        string normal = parts.Add("Div", [centered, parts.Add("Sqrt", [variance])]);
        string scaled = parts.Add("Mul", [normal, parts.Add("Reshape", [node.Node.Inputs[1], column])]);
        parts.Add("Add", [scaled, parts.Add("Reshape", [node.Node.Inputs[2], column])]);
        return parts.Finish();

        string Mean(string value) => node.Opset < 18
            ? parts.Add(
                "ReduceMean", [value],
                [new("axes", new IntegersAttribute([.. Enumerable.Range(0, rank).Where(static a => a != 1).Select(static a => (long)a)]))])
            : parts.Add("ReduceMean", [value, axes]);
    }

    private BatchNormalization(BatchNormalization from)
        : base(from) => (_epsilon, _relu) = (from._epsilon, true);

    /// <summary>The same with a Relu behind it.</summary>
    public BatchNormalization WithRelu() => new(this);

    public override bool Overwrites => true;

    public override bool ReusesGradient => true;

    public override bool KeepsOutput => _relu;

    public override bool KeepsInput(int input, bool[] wants) => input > 0 || wants[1];

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        float* scale = context.Input(1).Data, bias = context.Input(2).Data, mean = context.Input(3).Data, variance = context.Input(4).Data;
        float* from = x.Data, to = context.Output.Data;
        long channels = x.Shape[1], length = Length(x);
        context.Workers.Run(x.Parts * x.Shape[0] * channels, Math.Max(Vectors.Grain / Math.Max(length, 1), 1), (start, end) =>
        {
            for (long plane = start; plane < end; plane++)
            {
                long channel = plane % channels;
                ChannelPlane.Forward(
                    from + (plane * length), to + (plane * length), length, mean[channel],
                    Inverse(variance[channel]) * scale[channel], bias[channel], _relu);
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        long channels = x.Shape[1], images = x.Shape[0], length = Length(x);
        float* scale = context.Input(1).Data, mean = context.Input(3).Data, variance = context.Input(4).Data;
        NativeBuffer<float>? scales = context.Wants(1) ? context.RentFor(1) : null, biases = context.Wants(2) ? context.RentFor(2) : null;
        NativeBuffer<float> gradient = context.TakeGradient();
        float* delta = gradient.Pointer, toScale = scales is null ? null : scales.Pointer, toBias = biases is null ? null : biases.Pointer;
        context.Workers.Run(context.Batch * channels, Math.Max(Vectors.Grain / Math.Max(images * length, 1), 1), (start, end) =>
        {
            for (long item = start; item < end; item++)
            {
                (long example, long channel) = Math.DivRem(item, channels);
                float inverse = Inverse(variance[channel]), sum = 0, dot = 0;

                // An example's images in order.
                for (long image = 0; image < images; image++)
                {
                    long plane = (image * channels) + channel, own = ((example * images * channels) + plane) * length;
                    float* read = toScale == null ? null : x.Data + (x.Separate ? own : plane * length);
                    float* above = _relu ? y.Data + (y.Separate ? own : plane * length) : null;
                    (float s, float d) = ChannelPlane.Backward(delta + own, above, read, length, mean[channel], inverse * scale[channel]);
                    (sum, dot) = (sum + s, dot + d);
                }

                if (toScale != null) toScale[item] = dot * inverse;
                if (toBias != null) toBias[item] = sum;
            }
        });
        if (scales is not null) context.Give(1, scales);
        if (biases is not null) context.Give(2, biases);
        if (context.Wants(0)) context.Give(0, gradient);
        else context.Return(gradient);
    }

    private static long Length(Tensor x) => x.Length / Math.Max(x.Shape[0] * x.Shape[1], 1);

    private float Inverse(float variance) => 1 / MathF.Sqrt(variance + _epsilon);
}
