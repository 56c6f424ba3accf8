using BenchmarkDotNet.Attributes;

using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>Is making and applying a ±1 matrix faster than multiplying by one that is already in memory, on one thread?</summary>
public unsafe class RademacherBenchmark
{
    private const int Parameters = 65536;
    private const int Dimension = 2048;
    private readonly CpuBackend _backend = new(Workers.Single);
    private NativeBuffer<float> _gradients = null!, _matrix = null!, _features = null!;

    /// <summary>Batch B.</summary>
    [Params(8, 32, 128)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _gradients = Data.Random((long)Batch * Parameters, 1);
        _matrix = Data.Random((long)Parameters * Dimension, 2);
        _features = Data.Random((long)Batch * Dimension, 3);
        OpenBlas.SetThreads(1);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _gradients.Dispose();
        _matrix.Dispose();
        _features.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void StoredMatrix() => OpenBlas.Sgemm(false, false, Batch, Dimension, Parameters, _gradients.Pointer, _matrix.Pointer, _features.Pointer);

    [Benchmark]
    public void Rademacher() => Project(ProjectionKind.Rademacher);

    [Benchmark]
    public void Gaussian() => Project(ProjectionKind.Gaussian);

    private void Project(ProjectionKind kind) =>
        _backend.Project(new Projection(kind, Dimension, 1, 0), new DenseBlock(Batch, 0, Parameters, _gradients.View()), _features.View());
}
