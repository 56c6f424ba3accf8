using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>How close does SJLT come to merely reading the gradient, on one thread?</summary>
public unsafe class SjltBenchmark
{
    private const int Parameters = 263_200;
    private readonly CpuBackend _backend = new(Workers.Single);
    private NativeBuffer<float> _gradients = null!, _features = null!;

    /// <summary>Batch B.</summary>
    [Params(16, 64)]
    public int Batch { get; set; }

    /// <summary>Projection dimension k.</summary>
    [Params(512, 2048, 32768)]
    public int Dimension { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _gradients = Data.Random((long)Batch * Parameters, 1);
        _features = Data.Random((long)Batch * Dimension, 3);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _gradients.Dispose();
        _features.Dispose();
    }

    [Benchmark(Baseline = true)]
    public float PlainSum() => TensorPrimitives.Sum<float>(_gradients.Span);

    [Benchmark]
    public void Sjlt() => _backend.Project(
        new Projection(ProjectionKind.Sjlt, Dimension, 1, 0), new DenseBlock(Batch, 0, Parameters, _gradients.View()), _features.View());
}
