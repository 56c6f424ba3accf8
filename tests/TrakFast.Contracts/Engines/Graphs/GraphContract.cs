using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Testing;

/// <summary>
/// What contracts on graphs made here share: it holds a graph's per-example gradients against directional differences of its
/// outputs, and against the same graph run example by example and on other numbers of threads.
/// </summary>
public abstract class GraphContract
{
    private const float Step = 1e-2f;
    private const double Rounding = 5e-7;

    /// <summary>Largest relative error between an example alone and in a batch, threads alike; 0 for the same bits.</summary>
    protected virtual double BatchTolerance => 0;

    /// <summary>The engine's model of a graph.</summary>
    protected abstract IModel Open(OnnxGraph graph, int threads = 1);

    /// <summary>The weights stored in a graph.</summary>
    protected static Checkpoint Stored(OnnxGraph graph) => new(
        "stored", graph.Initializers
            .Where(static i => i.Values.Type.IsFloat() && !i.Constant)
            .ToDictionary(static i => i.Name, static i => i.Values));

    protected void CheckGradients(OnnxGraph graph, Batch batch, double tolerance = 5e-3)
    {
        (float[] f, float[] gradients) = Both(graph, batch, 1);
        long p = gradients.Length / batch.Size;
        Assert.That(gradients, Has.Some.Not.Zero, "no gradient at all");
        Assert.That(gradients, Has.All.Matches<float>(float.IsFinite));

        (float[] fThreads, float[] gradientThreads) = Both(graph, batch, 2);
        Same(fThreads, f, "f on two threads");
        Same(gradientThreads, gradients, "gradients on two threads");
        for (int b = 0; b < batch.Size; b++)
        {
            (float[] fOne, float[] gradientOne) = Both(graph, batch.Rows(b, 1), 1);
            if (BatchTolerance == 0) Assert.That(fOne[0], Is.EqualTo(f[b]), $"f of example {b} alone");
            Same(gradientOne, gradients.AsSpan((int)(b * p), (int)p), $"gradient of example {b} alone");
        }

        Directions(graph, batch, gradients, tolerance);
    }

    /// <summary>f as a fixed weighting of the first output, and the gradients of every parameter.</summary>
    public (float[] F, float[] Gradients) Both(OnnxGraph graph, Batch batch, int threads)
    {
        using IModel model = Open(graph, threads);
        using ModelResult result = model.Forward(batch);
        Variable f = Weighted(result);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(batch.Size, all.Length);
        model.Backward(f, all, sink);
        return (f.ToArray(), sink.Gradients);
    }

    private void Directions(OnnxGraph graph, Batch batch, float[] gradients, double tolerance)
    {
        using IModel model = Open(graph);
        Checkpoint original = Stored(graph);
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
                foreach (ModelParameter parameter in model.Parameters)
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

    /// <summary>Holds what must not depend on the batch or the threads against what it was.</summary>
    public void Same(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, string what)
    {
        if (BatchTolerance == 0) Assert.That(actual.SequenceEqual(expected), Is.True, what);
        else Assert.That(Close.RelativeError(actual, expected), Is.LessThan(BatchTolerance), what);
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
