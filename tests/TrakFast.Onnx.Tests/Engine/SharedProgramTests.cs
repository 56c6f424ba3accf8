using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>Clones of a model share programs and schedules; side by side they do what each does alone.</summary>
internal sealed class SharedProgramTests
{
    private const int Clones = 8;

    [Test]
    public void ClonesSideBySideDoTheSameAsOneBehindTheOther()
    {
        OnnxGraph graph = OnnxFile.Read(new Fixture("cnn").Model);
        (Batch[] batches, ParameterSelection[] selections) = Work(graph);
        using OnnxModel model = new(graph, new OnnxOptions { Workers = Workers.Single });
        float[][] serial = [.. batches.Select((b, i) => Gradients(model, b, selections[i % selections.Length]))];
        using OnnxModel fresh = new(graph, new OnnxOptions { Workers = Workers.Single });
        OnnxModel[] clones = [.. Enumerable.Range(0, Clones).Select(_ => fresh.Clone())];
        float[][][] parallel = new float[Clones][][];
        Parallel.For(0, Clones, new ParallelOptions { MaxDegreeOfParallelism = Clones }, c =>
            parallel[c] = Rotated(batches.Length, c, i => Gradients(clones[c], batches[i], selections[i % selections.Length])));
        foreach (OnnxModel clone in clones) clone.Dispose();
        for (int c = 0; c < Clones; c++)
        {
            for (int i = 0; i < batches.Length; i++)
                Assert.That(parallel[c][i].AsSpan().SequenceEqual(serial[i]), Is.True, $"clone {c}, batch {i}");
        }
    }

    // Every clone begins elsewhere, so that they make and look up programs in another order.
    private static float[][] Rotated(int count, int first, Func<int, float[]> work)
    {
        float[][] results = new float[count][];
        for (int i = 0; i < count; i++) results[(i + first) % count] = work((i + first) % count);
        return results;
    }

    private static (Batch[] Batches, ParameterSelection[] Selections) Work(OnnxGraph graph)
    {
        Batch all = new Fixture("cnn").Batch("train");
        ParameterSelection every = ParameterSelection.All(graph.Parameters);
        ParameterSelection last = ParameterSelection.Matching(graph.Parameters, [graph.Parameters[^1].Name]);
        return ([.. Enumerable.Range(0, 24).Select(i => all.Rows(i % (all.Size - 3), 1 + (i % 3)))], [every, last, every]);
    }

    private static float[] Gradients(OnnxModel model, Batch batch, ParameterSelection selection)
    {
        using ModelResult result = model.Forward(batch, selection);
        DenseSink sink = new(batch.Size, selection.Length);
        Variable output = result.First;
        model.Backward((output * output).Reshape(batch.Size, -1).Sum(1), selection, sink);
        return sink.Gradients;
    }
}
