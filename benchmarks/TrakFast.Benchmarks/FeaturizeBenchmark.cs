using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>
/// What do projected gradients cost beside a forward pass and beside forward and backward? Two networks, k = 2048, all processors.
/// PyTorch's figures for the same networks come from benchmarks/peers.
/// </summary>
public class FeaturizeBenchmark
{
    private FeaturizeRun _run = null!;

    /// <summary>ResNet-9 with 32 images, or a transformer encoder with 16 texts of 128 tokens.</summary>
    [Params("resnet9", "encoder")]
    public string Network { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _run = Network == "resnet9"
        ? new FeaturizeRun(SampleNetworks.ResNet9(), 32, 2048, Workers.PerProcessor())
        : new FeaturizeRun(SampleNetworks.SmallBert(), 16, 2048, Workers.PerProcessor());

    [GlobalCleanup]
    public void Cleanup() => _run.Dispose();

    [Benchmark]
    public void Forward() => _run.Forward();

    [Benchmark(Baseline = true)]
    public void ForwardBackward() => _run.ForwardBackward();

    [Benchmark]
    public void Sjlt() => _run.Featurize(ProjectionKind.Sjlt);

    [Benchmark]
    public void Kronecker() => _run.Featurize(ProjectionKind.Kronecker);

    [Benchmark]
    public void Rademacher() => _run.Featurize(ProjectionKind.Rademacher);
}
