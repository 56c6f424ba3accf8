using System.Numerics;
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
        if (x.Rank < 2 || size is < 1 or > int.MaxValue)
            throw node.Refuse($"normalizes {x} over {size} channels; [N, C, S…] and one or more are wanted");
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
            long own = image + (channel * _plane);
            new Span<float>(saved + own, checked((int)_plane)).Fill(_bias);
            for (long c = Math.Max(channel - _before, 0); c <= Math.Min(channel + _behind, _channels - 1); c++)
                AddProduct(from + image + (c * _plane), from + image + (c * _plane), _factor, saved + own);
            Apply(from + own, saved + own, to + own);
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        NativeBuffer<float> gradient = context.RentFor(0), delta = context.TakeGradient();
        float* from = x.Data, saved = context.Saved, to = gradient.Pointer, terms = delta.Pointer;
        long period = x.Total, length = context.Batch * x.Length;

        // ∂y_c/∂x_c is s_c^−β without the sum; through the sums, x_j takes −2αβ/n · x_j · Σ_c δ_c·y_c/s_c.
        Channels(context.Workers, length, (image, channel) =>
        {
            long own = image + (channel * _plane);
            float* sums = saved + (own % period), read = from + (own % period), term = terms + own, direct = to + own;
            Apply(term, sums, direct);
            long i = 0;
            for (; i <= _plane - Vector<float>.Count; i += Vector<float>.Count)
                (Vectors.Load(direct + i) * Vectors.Load(read + i) / Vectors.Load(sums + i)).Store(term + i);
            for (; i < _plane; i++) term[i] = direct[i] * read[i] / sums[i];
        });
        Channels(context.Workers, length, (image, channel) =>
        {
            long own = image + (channel * _plane);
            for (long c = Math.Max(channel - _behind, 0); c <= Math.Min(channel + _before, _channels - 1); c++)
                AddProduct(from + (own % period), terms + image + (c * _plane), -2 * _factor * _beta, to + own);
        });
        context.Return(delta);
        context.Give(0, gradient);
    }

    // sum += factor · a · b.
    private void AddProduct(float* a, float* b, float factor, float* sum)
    {
        long i = 0;
        for (; i <= _plane - Vector<float>.Count; i += Vector<float>.Count)
            (Vectors.Load(sum + i) + (factor * Vectors.Load(a + i) * Vectors.Load(b + i))).Store(sum + i);
        for (; i < _plane; i++) sum[i] += factor * a[i] * b[i];
    }

    // y = x · s^−β; the usual β = ¾ is two roots.
    private void Apply(float* x, float* sums, float* y)
    {
        long i = 0;
        if (_beta == 0.75f)
        {
            for (; i <= _plane - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> root = Vector.SquareRoot(Vectors.Load(sums + i));
                (Vectors.Load(x + i) / (root * Vector.SquareRoot(root))).Store(y + i);
            }

            for (; i < _plane; i++) y[i] = x[i] / (MathF.Sqrt(sums[i]) * MathF.Sqrt(MathF.Sqrt(sums[i])));
            return;
        }

        for (; i < _plane; i++) y[i] = x[i] * MathF.Pow(sums[i], -_beta);
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
