using TrakFast.Onnx;

namespace TrakFast.TorchSharp.Tests;

/// <summary>The engine in torch under the contracts on graphs: torch sums in an order that depends on the batch.</summary>
internal static class Torch
{
    public const double BatchTolerance = 1e-5;

    public static IModel Open(OnnxGraph graph) => new TorchOnnxModel(graph);
}

internal sealed class OperatorGradientTests : OperatorGradientContract
{
    protected override double BatchTolerance => Torch.BatchTolerance;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class NormalizingGradientTests : NormalizingGradientContract
{
    protected override double BatchTolerance => Torch.BatchTolerance;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class ResamplingGradientTests : ResamplingGradientContract
{
    protected override double BatchTolerance => Torch.BatchTolerance;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class IndexingGradientTests : IndexingGradientContract
{
    protected override double BatchTolerance => Torch.BatchTolerance;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class MovingOperatorTests : MovingOperatorContract
{
    protected override double BatchTolerance => Torch.BatchTolerance;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class ShapeArithmeticTests : ShapeArithmeticContract
{
    protected override double BatchTolerance => Torch.BatchTolerance;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class ParameterViewTests : ParameterViewContract
{
    protected override double BatchTolerance => Torch.BatchTolerance;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class PlacementTests : PlacementContract
{
    protected override double BatchTolerance => Torch.BatchTolerance;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class MixedExamplesTests : MixedExamplesContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class RandomGraphTests : RandomGraphContract
{
    protected override double BatchTolerance => Torch.BatchTolerance;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}

internal sealed class BoundsTests : BoundsContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);
}
