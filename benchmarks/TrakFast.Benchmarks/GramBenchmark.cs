using BenchmarkDotNet.Attributes;

using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>What does a Gram matrix carried in float64 cost beside OpenBLAS's float32 ssyrk, on one thread?</summary>
public unsafe class GramBenchmark
{
    private const int Rows = 4096;
    private readonly CpuBackend _backend = new(Workers.Single);
    private NativeBuffer<float> _features = null!, _product = null!;
    private IGramAccumulator _gram = null!;

    /// <summary>Projection dimension k.</summary>
    [Params(512, 2048)]
    public int Dimension { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _features = Data.Random((long)Rows * Dimension, 1);
        _product = Data.Random((long)Dimension * Dimension, 2);
        _gram = _backend.CreateGram(Dimension);
        OpenBlas.SetThreads(1);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _features.Dispose();
        _product.Dispose();
        _gram.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Rival() => OpenBlas.Ssyrk(Rows, Dimension, _features.Pointer, _product.Pointer);

    [Benchmark]
    public void Float64Carry() => _gram.Add(_features.View(), Rows, _features.View().Slice(0, 0));
}
