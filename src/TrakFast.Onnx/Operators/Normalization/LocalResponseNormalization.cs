using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// x / (k + α/n · Σ x²)^β, where the sum runs over the n channels around each: [N, C, S…].
/// </summary>
internal sealed unsafe class LocalResponseNormalization : Operator
{
    private readonly int _before;
    private readonly int _behind;
    private readonly float _factor;
    private readonly float _beta;
    private readonly float _bias;
    private readonly int _channels;
    private readonly long _plane;

    public LocalResponseNormalization(NodeBuilder node)
        : base(node, inputs: 1)
    {
        Value x = node.Floats(0);
        long size = node.Node.Integer("size", 0);
        if (x.Rank < 2 || size is < 1 or > int.MaxValue) throw node.Refuse($"normalises {x} over {size} channels; [N, C, S…] and one or more are wanted");
        for (int axis = 1; axis < x.Rank; axis++) node.RefuseExamples(axis, x);
        (_before, _behind) = ((int)((size - 1) / 2), (int)(size / 2));
        (_factor, _beta, _bias) = (node.Node.Number("alpha", 1e-4f) / size, node.Node.Number("beta", 0.75f), node.Node.Number("bias", 1));
        (_channels, _plane) = (checked((int)x.Shape[1]), Shapes.Count(x.Shape.Skip(2)));
        node.Float(x.Shape, x.Placement);
        node.Save(x.Length);
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        float* from = x.Data, to = context.Output.Data, saved = context.Saved;
        Channels(context.Workers, x.Total, (image, channel) =>
        {
            float* sums = saved + image + (channel * _plane), read = from + image + (channel * _plane), write = to + image + (channel * _plane);
            new Span<float>(sums, checked((int)_plane)).Fill(_bias);
            for (long c = Math.Max(channel - _before, 0); c <= Math.Min(channel + _behind, _channels - 1); c++)
            {
                float* near = from + image + (c * _plane);
                for (long i = 0; i < _plane; i++) sums[i] += _factor * near[i] * near[i];
            }

            for (long i = 0; i < _plane; i++) write[i] = read[i] * MathF.Pow(sums[i], -_beta);
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        NativeBuffer<float> gradient = context.RentFor(0), delta = context.TakeGradient();
        float* from = x.Data, saved = context.Saved, to = gradient.Pointer, terms = delta.Pointer;
        long period = x.Total, length = context.Batch * x.Length;

        // ∂y_c/∂x_c is s_c^−β without the sum; through the sums, x_j takes −2αβ/n · x_j · Σ_c δ_c·y_c/s_c.
        context.Workers.Run(length, Vectors.Grain, (start, end) =>
        {
            for (long i = start; i < end; i++)
            {
                float direct = terms[i] * MathF.Pow(saved[i % period], -_beta);
                to[i] = direct;
                terms[i] = direct * from[i % period] / saved[i % period];
            }
        });
        Channels(context.Workers, length, (image, channel) =>
        {
            float* write = to + image + (channel * _plane), read = from + ((image + (channel * _plane)) % period);
            for (long c = Math.Max(channel - _behind, 0); c <= Math.Min(channel + _before, _channels - 1); c++)
            {
                float* near = terms + image + (c * _plane);
                for (long i = 0; i < _plane; i++) write[i] -= 2 * _factor * _beta * read[i] * near[i];
            }
        });
        context.Return(delta);
        context.Give(0, gradient);
    }

    // body(where the image begins, channel).
    private void Channels(Workers workers, long length, Action<long, long> body) =>
        workers.Run(length / Math.Max(_plane, 1), Math.Max(Vectors.Grain / Math.Max(_plane, 1), 1), (start, end) =>
        {
            for (long plane = start; plane < end; plane++)
            {
                long channel = plane % _channels;
                body((plane - channel) * _plane, channel);
            }
        });
}
