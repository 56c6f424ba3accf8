using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>What do streaming score tiles, and keeping only the strongest, cost beside one whole product, on as many threads?</summary>
public unsafe class ScoreBenchmark
{
    private const int Rows = 8192, Targets = 1024, Dimension = 512;
    private CpuBackend _backend = null!;
    private NativeBuffer<float> _train = null!, _targets = null!, _scale = null!, _scores = null!;

    /// <summary>Threads of both.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _train = Data.Random(Rows * Dimension, 1);
        _targets = Data.Random(Targets * Dimension, 2);
        _scale = Data.Random(Rows, 3);
        _scores = Data.Random(Rows * Targets, 4);
        _backend = new CpuBackend(new Workers(Threads));
        OpenBlas.SetThreads(Threads);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _train.Dispose();
        _targets.Dispose();
        _scale.Dispose();
        _scores.Dispose();
        _backend.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void WholeProduct() => OpenBlas.Sgemm(false, true, Rows, Targets, Dimension, _train.Pointer, _targets.Pointer, _scores.Pointer);

    [Benchmark]
    public void Tiles() => _backend.Score([_train.View()], [_targets.View()], _scale.View(), 0, new TileSink(Targets, (_, _) => { }));

    [Benchmark]
    public void Top100() => _backend.Score([_train.View()], [_targets.View()], _scale.View(), 0, new TopSink(Targets, 100));
}
