using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>The checks of graphs, for tests of what the managed engine alone has.</summary>
internal static class GradientCheck
{
    private static readonly Managed Graphs = new();

    public static void Run(OnnxGraph graph, Batch batch) => Graphs.Check(graph, batch);

    public static (float[] F, float[] Gradients) Both(OnnxGraph graph, Batch batch, int threads) => Graphs.Both(graph, batch, threads);

    private sealed class Managed : GraphContract
    {
        public void Check(OnnxGraph graph, Batch batch) => CheckGradients(graph, batch);

        protected override IModel Open(OnnxGraph graph, int threads = 1) => new OnnxModel(graph, new OnnxOptions { Workers = new Workers(threads), Poison = true });
    }
}
