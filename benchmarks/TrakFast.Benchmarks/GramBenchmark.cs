using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>What does a Gram matrix carried in float64 cost beside OpenBLAS's float32 ssyrk, on as many threads?</summary>
public unsafe class GramBenchmark
{
    private CpuBackend _backend = null!;
    private NativeBuffer<float> _features = null!, _product = null!;
    private IGramAccumulator _gram = null!;

    /// <summary>Threads of both.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Rows n × projection dimension k.</summary>
    [Params("4096x512", "20000x1024", "4096x2048")]
    public string Shape { get; set; } = "";

    private int Rows => int.Parse(Shape.Split('x')[0]);

    private int Dimension => int.Parse(Shape.Split('x')[1]);

    [GlobalSetup]
    public void Setup()
    {
        _features = Data.Random((long)Rows * Dimension, 1);
        _product = Data.Random((long)Dimension * Dimension, 2);
        _backend = new CpuBackend(new Workers(Threads));
        _gram = _backend.CreateGram(Dimension);
        OpenBlas.SetThreads(Threads);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _features.Dispose();
        _product.Dispose();
        _gram.Dispose();
        _backend.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Rival() => OpenBlas.Ssyrk(Rows, Dimension, _features.Pointer, _product.Pointer);

    [Benchmark]
    public void Float64Carry() => _gram.Add(_features.View(), Rows, _features.View().Slice(0, 0));
}
