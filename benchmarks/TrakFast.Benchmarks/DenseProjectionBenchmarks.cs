using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>Is making and applying a random matrix faster than multiplying by one that is already in memory, on one thread?</summary>
public abstract unsafe class DenseProjectionBenchmark(ProjectionKind kind)
{
    private const int Parameters = 200_000;
    private const int Dimension = 2048;
    private readonly CpuBackend _backend = new(Workers.Single);
    private NativeBuffer<float> _gradients = null!, _matrix = null!, _features = null!;

    /// <summary>Batch B.</summary>
    [Params(1, 8, 32, 128)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _gradients = Data.Random((long)Batch * Parameters, 1);
        _features = Data.Random((long)Batch * Dimension, 3);

        // Which entries the rival multiplies by does not matter, as long as they are all there.
        const int Chunk = 1 << 20;
        _matrix = new NativeBuffer<float>((long)Parameters * Dimension);
        using NativeBuffer<float> entries = Data.Random(Chunk, 2);
        for (long i = 0; i < Chunk; i++) entries.Pointer[i] = MathF.CopySign(1, entries.Pointer[i]);
        for (long i = 0; i < _matrix.Length; i += Chunk)
        {
            int length = (int)Math.Min(Chunk, _matrix.Length - i);
            entries.Slice(0, length).CopyTo(_matrix.Slice(i, length));
        }

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
    public void StoredMatrix() =>
        OpenBlas.Sgemm(false, false, Batch, Dimension, Parameters, _gradients.Pointer, _matrix.Pointer, _features.Pointer);

    [Benchmark]
    public void Made() => _backend.Project(
        new Projection(kind, Dimension, 1, 0), new DenseBlock(Batch, 0, Parameters, _gradients.View()), _features.View());
}

/// <summary>Entries ±1.</summary>
public class RademacherBenchmark() : DenseProjectionBenchmark(ProjectionKind.Rademacher);

/// <summary>Standard normal entries.</summary>
public class GaussianBenchmark() : DenseProjectionBenchmark(ProjectionKind.Gaussian);
