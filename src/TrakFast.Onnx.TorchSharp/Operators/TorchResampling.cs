using TrakFast.Onnx.Programs;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>
/// Resampling, one axis after the other: a choice of elements where each output is one, else a product with the axis' weights.
/// </summary>
internal static class TorchResampling
{
    public static Tensor Resize(TorchStep step)
    {
        ResamplingFacts operation = step.Facts<ResamplingFacts>();
        Tensor x = step[0];
        for (int axis = 0; axis < operation.Axes.Count; axis++)
        {
            if (operation.Axes[axis] is { } map) x = Along(step, x, axis + 1, map);
        }

        for (int axis = 0; axis < operation.Axes.Count && operation.Filler != 0; axis++)
        {
            if (operation.Axes[axis] is { } map) x = Fill(step, x, axis + 1, map, operation.Filler);
        }

        return x;
    }

    private static Tensor Along(TorchStep step, Tensor x, int axis, AxisSamples map)
    {
        if (map.Sources.Count == map.Output && map.Weights.All(static w => w == 1)
            && Enumerable.Range(0, map.Output).All(o => map.Starts[o] == o))
            return x.index_select(axis, step.Indices(map.Sources.Select(static s => (long)s)));
        Tensor last = x.transpose(axis, -1);
        long[] shape = last.shape;
        return last.reshape(-1, map.Input).mm(step.Floats(Weights(map), map.Input, map.Output)).reshape([.. shape[..^1], map.Output])
            .transpose(axis, -1);
    }

    // [input, output], element by element when it is asked for.
    private static IEnumerable<float> Weights(AxisSamples map)
    {
        float[] weights = new float[map.Input * (long)map.Output];
        for (int o = 0; o < map.Output; o++)
        {
            for (int t = map.Starts[o]; t < map.Starts[o + 1]; t++) weights[((long)map.Sources[t] * map.Output) + o] += map.Weights[t];
        }

        foreach (float weight in weights) yield return weight;
    }

    // An output without a term lies outside.
    private static Tensor Fill(TorchStep step, Tensor x, int axis, AxisSamples map, float filler)
    {
        float[] outside = [.. Enumerable.Range(0, map.Output).Select(o => map.Starts[o] == map.Starts[o + 1] ? 1f : 0)];
        if (!outside.Contains(1)) return x;
        return x.masked_fill(step.Floats(outside, [map.Output, .. Enumerable.Repeat(1L, x.shape.Length - 1 - axis)]).ne(0), filler);
    }
}
