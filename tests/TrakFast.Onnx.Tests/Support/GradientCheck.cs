namespace TrakFast.Onnx.Tests;

/// <summary>The checks of graphs, for tests of what the managed engine alone has.</summary>
internal static class GradientCheck
{
    private static readonly Graphs Checks = new();

    public static void Run(OnnxGraph graph, Batch batch) => Checks.Check(graph, batch);

    public static (float[] F, float[] Gradients) Both(OnnxGraph graph, Batch batch, int threads) => Checks.Both(graph, batch, threads);

    private sealed class Graphs : GraphContract
    {
        public void Check(OnnxGraph graph, Batch batch) => CheckGradients(graph, batch);

        protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
    }
}
