using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// Runs <see cref="PatchProduct"/>s whose groups are a channel or two, as of a depthwise convolution, too few for a matrix
/// product: vectors along a line of positions, tap by tap, one channel of one example at a time.
/// </summary>
internal static unsafe class DirectConvolution
{
    private const int Vector = 8;

    /// <summary>Vectors along a line that share a weight.</summary>
    private const int Together = 4;

    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Grain = 1 << 16;

    private const int MostWeights = 8;
    private const int FewRows = 2;
    private const int Narrow = 16;

    /// <summary>Whether a product's groups are as small as that, or its rows so few that laying out columns for them would cost more than they do.</summary>
    public static bool Suits(PatchProduct product) =>
        (product.Groups > 1 && product.Inputs * product.Outputs <= MostWeights) || (product.Rows <= FewRows && product.Width < Narrow);

    /// <summary>target = product + bias, or target += products.</summary>
    public static void Run(Workers workers, PatchProduct[] products, int batch, float* source, float* weight, float* bias, float* target, bool add)
    {
        if (products.Length == 0 || products[0].Positions == 0) return;
        int groups = products[0].Groups;
        long work = 0;
        foreach (PatchProduct product in products) work += (long)product.Positions * product.Rows * product.Inputs * product.Taps;
        workers.Run((long)batch * groups, Math.Max(1, Grain / Math.Max(1, work)), (start, end) =>
        {
            foreach (PatchProduct product in products) Channels(product, start, end, source, weight, bias, target, add);
        });
    }

    /// <summary>Some groups, counted through the examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Channels(PatchProduct product, long start, long end, float* source, float* weight, float* bias, float* target, bool add)
    {
        PatchBlock block = new(product, inPlace: false, Vector, Vector);
        block.Measure(0, product.Positions);
        int room = (product.Width + Vector - 1) / Vector * Vector, depth = product.Inputs * product.Taps;
        long planeFloats = (product.Inputs * block.ChannelStep) + (Together * Vector);
        float* planes = (float*)ConvolutionScratch.ForThread(((planeFloats + room + (2L * depth)) * sizeof(float)) + ((long)depth * sizeof(nint)) + block.TableBytes);
        float* line = planes + planeFloats, weights = line + room;
        nint* shifts = (nint*)(weights + (2 * depth));
        block.Build(0, product.Positions, 0, 0, shifts + depth);
        for (int i = 0; i < depth; i++) shifts[i] = (nint)(i / product.Taps * block.ChannelStep) + block.Shifts[i % product.Taps];
        for (long item = start; item < end; item++)
        {
            long group = item % product.Groups;
            PatchLines.Fill(product, block, source + (item * product.Inputs * product.SourceSize), product.Inputs, planes);
            for (int row = 0; row < product.Rows; row++)
            {
                (int phase, int channel) = Math.DivRem(row, product.Outputs);
                float* from = weight + (group * product.GroupWeights) + (channel * product.RowStep), next = weights;
                ReadOnlySpan<int> taps = product.Phases[phase].Taps;
                for (int input = 0; input < product.Inputs; input++, from += product.InputStep)
                {
                    foreach (int tap in taps) *next++ = from[tap];
                }

                float* shift = bias is null ? null : bias + (group * product.Outputs) + channel;
                float* to = target + (((item * product.Outputs) + channel) * product.TargetSize) + product.Phases[phase].Target;
                for (int i = 0; i < product.Targets.Length; i++)
                {
                    Line(planes + ((long)product.LineOf[i] * block.Pitch), shifts, weights, depth, product.Width, line);
                    PatchMove all = new(product.Targets[i], 0, product.Width);
                    PatchLines.Store(line, &all, 1, product.TargetStep, shift, add, to);
                }
            }
        }
    }

    /// <summary>line[x] = Σ_i weights[i] · plane[shifts[i] + x], up to the end of the last vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line(float* plane, nint* shifts, float* weights, int depth, int width, float* line)
    {
        if (!Simd.Vectors)
        {
            for (int x = 0; x < width; x++)
            {
                float sum = 0;
                for (int i = 0; i < depth; i++) sum += weights[i] * plane[shifts[i] + x];
                line[x] = sum;
            }

            return;
        }

        int at = 0;
        for (; at <= width - (Together * Vector); at += Together * Vector)
        {
            Vector256<float> a = default, b = default, c = default, d = default;
            for (int i = 0; i < depth; i++)
            {
                float* from = plane + shifts[i] + at;
                Vector256<float> w = Vector256.Create(weights[i]);
                a = Vector256.MultiplyAddEstimate(w, Vector256.Load(from), a);
                b = Vector256.MultiplyAddEstimate(w, Vector256.Load(from + Vector), b);
                c = Vector256.MultiplyAddEstimate(w, Vector256.Load(from + (2 * Vector)), c);
                d = Vector256.MultiplyAddEstimate(w, Vector256.Load(from + (3 * Vector)), d);
            }

            a.Store(line + at);
            b.Store(line + at + Vector);
            c.Store(line + at + (2 * Vector));
            d.Store(line + at + (3 * Vector));
        }

        for (; at <= width - (2 * Vector); at += 2 * Vector)
        {
            Vector256<float> a = default, b = default;
            for (int i = 0; i < depth; i++)
            {
                float* from = plane + shifts[i] + at;
                Vector256<float> w = Vector256.Create(weights[i]);
                a = Vector256.MultiplyAddEstimate(w, Vector256.Load(from), a);
                b = Vector256.MultiplyAddEstimate(w, Vector256.Load(from + Vector), b);
            }

            a.Store(line + at);
            b.Store(line + at + Vector);
        }

        for (; at < width; at += Vector)
        {
            Vector256<float> a = default;
            for (int i = 0; i < depth; i++) a = Vector256.MultiplyAddEstimate(Vector256.Create(weights[i]), Vector256.Load(plane + shifts[i] + at), a);
            a.Store(line + at);
        }
    }
}
