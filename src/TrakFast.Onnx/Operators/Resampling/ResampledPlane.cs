using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// The axes of a value from the first to the last that is resampled, as one sparse linear map between two planes, whose
/// elements are runs of what lies behind them. Forward applies it, backward its transpose, in the map's own order.
/// </summary>
internal sealed unsafe class ResampledPlane
{
    private readonly int _inputs;
    private readonly long _run;
    private readonly int[] _starts;
    private readonly int[] _sources;
    private readonly float[] _weights;
    private readonly float _filler;

    private ResampledPlane(int inputs, long run, ResampledAxis map, float filler)
    {
        (_inputs, _run, _filler) = (inputs, run, filler);
        (_starts, _sources, _weights) = (map.Starts, map.Sources, map.Weights);
    }

    /// <summary>The product of the axes' maps; null where it would be too large.</summary>
    /// <param name="shape">The value's shape.</param>
    /// <param name="axes">Each axis' map, null for an axis left alone.</param>
    /// <param name="first">The first axis that has one.</param>
    /// <param name="last">The last axis that has one.</param>
    /// <param name="filler">What an output outside takes.</param>
    public static ResampledPlane? Of(long[] shape, ResampledAxis?[] axes, int first, int last, float filler)
    {
        long inputs = Shapes.Count(shape[first..(last + 1)]);
        if (inputs > NodeBuilder.MostEntries) return null;
        ResampledAxis map = axes[first]!;
        for (int axis = first + 1; axis <= last; axis++)
        {
            ResampledAxis next = axes[axis] ?? ResampledAxis.Same((int)shape[axis]);
            if ((long)map.Sources.Length * next.Sources.Length > NodeBuilder.MostEntries
                || (long)map.Output * next.Output > NodeBuilder.MostEntries)
                return null;
            map = Product(map, next);
        }

        return new ResampledPlane((int)inputs, Shapes.Count(shape.Skip(last + 1)), map, filler);
    }

    /// <summary>y = map · x for every plane of x.</summary>
    public void Forward(Workers workers, float* x, float* y, long length)
    {
        int outputs = _starts.Length - 1;
        long run = _run, inputs = _inputs * run;
        workers.Run(length / inputs * outputs, Math.Max(Vectors.Grain / run, 1), (start, end) =>
        {
            (long plane, long o) = Math.DivRem(start, outputs);
            for (long row = start; row < end; row++)
            {
                float* from = x + (plane * inputs), to = y + (row * run);
                if (run == 1) *to = Sum(from, (int)o);
                else Sum(from, to, (int)o, run);
                if (++o < outputs) continue;
                (plane, o) = (plane + 1, 0);
            }
        });
    }

    /// <summary>gradient += mapᵀ · delta for every plane.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="delta">The outputs' gradients.</param>
    /// <param name="gradient">The inputs', cleared.</param>
    /// <param name="length">Elements of <paramref name="gradient"/>.</param>
    public void Backward(Workers workers, float* delta, float* gradient, long length)
    {
        int outputs = _starts.Length - 1;
        long run = _run, inputs = _inputs * run;
        workers.Run(length / inputs, Math.Max(Vectors.Grain / (outputs * run), 1), (start, end) =>
        {
            for (long plane = start; plane < end; plane++)
            {
                float* from = delta + (plane * outputs * run), to = gradient + (plane * inputs);
                for (int o = 0; o < outputs; o++, from += run)
                {
                    for (int t = _starts[o]; t < _starts[o + 1]; t++)
                    {
                        if (run == 1) to[_sources[t]] += _weights[t] * *from;
                        else AddScaled(_weights[t], from, to + (_sources[t] * run), run);
                    }
                }
            }
        });
    }

    private float Sum(float* from, int output)
    {
        (int start, int end) = (_starts[output], _starts[output + 1]);
        if (start == end) return _filler;
        float sum = 0;
        for (int t = start; t < end; t++) sum += _weights[t] * from[_sources[t]];
        return sum;
    }

    private void Sum(float* from, float* to, int output, long run)
    {
        (int start, int end) = (_starts[output], _starts[output + 1]);
        new Span<float>(to, checked((int)run)).Fill(start == end ? _filler : 0);
        for (int t = start; t < end; t++) AddScaled(_weights[t], from + (_sources[t] * run), to, run);
    }

    private static void AddScaled(float factor, float* from, float* to, long length)
    {
        int width = System.Numerics.Vector<float>.Count;
        long i = 0;
        for (; i <= length - width; i += width) (Vectors.Load(to + i) + (Vectors.Load(from + i) * factor)).Store(to + i);
        for (; i < length; i++) to[i] += from[i] * factor;
    }

    private static ResampledAxis Product(ResampledAxis a, ResampledAxis b)
    {
        int[] starts = new int[(a.Output * b.Output) + 1], sources = new int[a.Sources.Length * b.Sources.Length];
        float[] weights = new float[sources.Length];
        int output = 0, term = 0;
        for (int i = 0; i < a.Output; i++)
        {
            for (int j = 0; j < b.Output; j++)
            {
                for (int s = a.Starts[i]; s < a.Starts[i + 1]; s++)
                {
                    for (int t = b.Starts[j]; t < b.Starts[j + 1]; t++, term++)
                    {
                        sources[term] = checked((a.Sources[s] * b.Input) + b.Sources[t]);
                        weights[term] = a.Weights[s] * b.Weights[t];
                    }
                }

                starts[++output] = term;
            }
        }

        return new ResampledAxis(checked(a.Input * b.Input), starts, sources, weights);
    }
}
