using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>The managed engine under the contracts on graphs: memory that a pass has done with is overwritten.</summary>
internal static class Managed
{
    public static IModel Open(OnnxGraph graph, int threads) =>
        new OnnxModel(graph, new OnnxOptions { Workers = new Workers(threads), Poison = true });
}

internal sealed class OperatorGradientTests : OperatorGradientContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class NormalizingGradientTests : NormalizingGradientContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class ResamplingGradientTests : ResamplingGradientContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class IndexingGradientTests : IndexingGradientContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class MovingOperatorTests : MovingOperatorContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class ShapeArithmeticTests : ShapeArithmeticContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class ParameterViewTests : ParameterViewContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class PlacementTests : PlacementContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class MixedExamplesTests : MixedExamplesContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class RandomGraphTests : RandomGraphContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}

internal sealed class BoundsTests : BoundsContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);
}
