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

    /// <summary>Vectors that share a weight: as many chains of multiply-adds as hide one's latency.</summary>
    private const int Together = 8;

    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Grain = 1 << 16;

    private const int MostWeights = 8;
    private const int FewRows = 2;
    private const int Narrow = 16;

    /// <summary>
    /// Whether a product's groups are as small as that, or its rows so few that laying out columns for them would cost more than they do.
    /// </summary>
    public static bool Suits(PatchProduct product) =>
        (product.Groups > 1 && product.Inputs * product.Outputs <= MostWeights) || (product.Rows <= FewRows && product.Width < Narrow);

    /// <summary>target = product + bias, or target += products.</summary>
    public static void Run(
        Workers workers, PatchProduct[] products, int batch, float* source, float* weight, float* bias, float* target, bool add)
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
    private static void Channels(
        PatchProduct product, long start, long end, float* source, float* weight, float* bias, float* target, bool add)
    {
        PatchBlock block = new(product, inPlace: false, Vector, Vector);
        block.Measure(0, product.Positions);
        int across = (product.Width + Vector - 1) / Vector, depth = product.Inputs * product.Taps, lines = product.Targets.Length;
        int vectors = ((lines * across) + Together - 1) / Together * Together;
        long planeFloats = product.Inputs * block.ChannelStep, tables = vectors + depth;
        float* planes = (float*)ConvolutionScratch.ForThread(
            ((planeFloats + ((long)vectors * Vector) + (2L * depth)) * sizeof(float)) + (tables * sizeof(nint)) + block.TableBytes);
        float* results = planes + planeFloats, weights = results + ((long)vectors * Vector);
        nint* shifts = (nint*)(weights + (2L * depth)), places = shifts + depth;
        block.Build(0, product.Positions, 0, 0, places + vectors);
        for (int i = 0; i < depth; i++) shifts[i] = (nint)(i / product.Taps * block.ChannelStep) + block.Shifts[i % product.Taps];

        // Vectors beyond the last repeat the first.
        for (int i = 0; i < vectors; i++)
            places[i] = i >= lines * across ? places[0] : ((nint)product.LineOf[i / across] * block.Pitch) + (i % across * Vector);
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
                Multiply(planes, places, vectors, shifts, weights, depth, results);
                for (int i = 0; i < lines; i++)
                {
                    PatchMove all = new(product.Targets[i], 0, product.Width);
                    PatchLines.Store(results + ((long)i * across * Vector), &all, 1, product.TargetStep, shift, add, to);
                }
            }
        }
    }

    /// <summary>results[v] = Σ_i weights[i] · the vector at planes[places[v] + shifts[i]].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* planes, nint* places, int vectors, nint* shifts, float* weights, int depth, float* results)
    {
        if (!Simd.Vectors)
        {
            for (int x = 0; x < vectors * Vector; x++)
            {
                float* from = planes + places[x / Vector] + (x % Vector);
                float sum = 0;
                for (int i = 0; i < depth; i++) sum += weights[i] * from[shifts[i]];
                results[x] = sum;
            }

            return;
        }

        for (int v = 0; v < vectors; v += Together, results += Together * Vector)
        {
            float* p0 = planes + places[v], p1 = planes + places[v + 1], p2 = planes + places[v + 2], p3 = planes + places[v + 3];
            float* p4 = planes + places[v + 4], p5 = planes + places[v + 5], p6 = planes + places[v + 6], p7 = planes + places[v + 7];
            Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            for (int i = 0; i < depth; i++)
            {
                nint at = shifts[i];
                Vector256<float> w = Vector256.Create(weights[i]);
                s0 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p0 + at), s0);
                s1 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p1 + at), s1);
                s2 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p2 + at), s2);
                s3 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p3 + at), s3);
                s4 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p4 + at), s4);
                s5 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p5 + at), s5);
                s6 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p6 + at), s6);
                s7 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p7 + at), s7);
            }

            s0.Store(results);
            s1.Store(results + Vector);
            s2.Store(results + (2 * Vector));
            s3.Store(results + (3 * Vector));
            s4.Store(results + (4 * Vector));
            s5.Store(results + (5 * Vector));
            s6.Store(results + (6 * Vector));
            s7.Store(results + (7 * Vector));
        }
    }
}
