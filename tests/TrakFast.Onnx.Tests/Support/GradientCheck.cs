using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>
/// Holds a graph's per-example gradients against directional differences of its outputs, and against the same graph run
/// example by example and on other numbers of threads, bit by bit.
/// </summary>
internal static class GradientCheck
{
    private const float Step = 1e-2f;
    private const double Rounding = 5e-7;

    public static void Run(OnnxGraph graph, Batch batch, double tolerance = 5e-3)
    {
        (float[] f, float[] gradients) = Both(graph, batch, 1);
        long p = gradients.Length / batch.Size;
        Assert.That(gradients, Has.Some.Not.Zero, "no gradient at all");
        Assert.That(gradients, Has.All.Matches<float>(float.IsFinite));

        (float[] fThreads, float[] gradientThreads) = Both(graph, batch, 2);
        Assert.That(fThreads, Is.EqualTo(f), "f on two threads");
        Assert.That(gradientThreads, Is.EqualTo(gradients), "gradients on two threads");
        for (int b = 0; b < batch.Size; b++)
        {
            (float[] fOne, float[] gradientOne) = Both(graph, batch.Rows(b, 1), 1);
            Assert.That(fOne[0], Is.EqualTo(f[b]), $"f of example {b} alone");
            Assert.That(gradientOne.AsSpan().SequenceEqual(gradients.AsSpan((int)(b * p), (int)p)), Is.True, $"gradient of example {b} alone");
        }

        Directions(graph, batch, gradients, tolerance);
    }

    /// <summary>f as a fixed weighting of the first output, and the gradients of every parameter.</summary>
    public static (float[] F, float[] Gradients) Both(OnnxGraph graph, Batch batch, int threads)
    {
        using OnnxModel model = new(graph, new OnnxOptions { Workers = new Workers(threads), Poison = true });
        using ModelResult result = model.Forward(batch);
        Variable f = Weighted(result);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(batch.Size, all.Length);
        model.Backward(f, all, sink);
        return (f.ToArray(), sink.Gradients);
    }

    private static void Directions(OnnxGraph graph, Batch batch, float[] gradients, double tolerance)
    {
        using OnnxModel model = new(graph, new OnnxOptions { Workers = Workers.Single });
        Checkpoint original = model.ToCheckpoint("original");
        Random random = new(7);
        long p = gradients.Length / batch.Size;
        for (int trial = 0; trial < 4; trial++)
        {
            float[] direction = new float[p];
            for (int i = 0; i < p; i++) direction[i] = random.Next(2) == 0 ? -1 : 1;
            float step = Step / MathF.Sqrt(p);
            float[] up = Moved(step), down = Moved(-step);
            for (int b = 0; b < batch.Size; b++)
            {
                double expected = 0, norm = 0;
                for (int i = 0; i < p; i++)
                {
                    expected += (double)gradients[(b * p) + i] * direction[i];
                    norm += Math.Pow(gradients[(b * p) + i], 2);
                }

                // What the formula leaves out grows with the gradient, what rounding adds with the value over the step.
                double actual = ((double)up[b] - down[b]) / (2 * step);
                double allowed = (tolerance * Math.Sqrt(norm)) + (Rounding * (1 + Math.Abs(up[b])) / step);
                Assert.That(actual, Is.EqualTo(expected).Within(allowed), $"direction {trial}, example {b}");
            }

            float[] Moved(float length)
            {
                Dictionary<string, DataArray> tensors = new(original.Tensors);
                foreach (Parameter parameter in model.Parameters)
                {
                    float[] values = original.Tensors[parameter.Name].ToFloats();
                    for (int i = 0; i < values.Length; i++) values[i] += length * direction[parameter.Offset + i];
                    tensors[parameter.Name] = DataArray.From(values, [.. parameter.Shape]);
                }

                model.Load(new Checkpoint("moved", tensors));
                using ModelResult result = model.Forward(batch);
                return Weighted(result).ToArray();
            }
        }
    }

    private static Variable Weighted(ModelResult result)
    {
        Variable output = result.First;
        Variable rows = output.Reshape(output.Shape[0], -1);
        Random random = new(11);
        float[] weights = new float[rows.Shape[1]];
        for (int i = 0; i < weights.Length; i++) weights[i] = (2 * random.NextSingle()) - 1;
        return (rows * rows.Constant(DataArray.From(weights, 1, weights.Length))).Sum(1);
    }
}
