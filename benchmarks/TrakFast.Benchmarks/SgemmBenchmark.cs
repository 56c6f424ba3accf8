using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>Is a matrix product as fast as OpenBLAS's on as many threads?</summary>
public unsafe class SgemmBenchmark
{
    private NativeBuffer<float> _a = null!, _b = null!, _c = null!;
    private Workers _workers = null!;
    private int _m, _n, _k;
    private bool _transposeA, _transposeB;

    /// <summary>Threads of both.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>
    /// M×N×K and which factors are transposed: square, few rows, few columns, weight gradients, thin outer product, layers of
    /// an encoder, attention, tiny.
    /// </summary>
    [Params(
        "1024x1024x1024 NN", "2048x2048x2048 NN", "64x2048x65536 NN", "4096x64x576 NN", "256x512x2048 TN", "256x256x64 TN",
        "1024x1024x16 NN", "2048x512x512 NT", "28x2304x64 NT", "128x128x64 NT", "128x64x128 NN", "64x64x64 NN", "8x64x72 NN")]
    public string Shape { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        string[] parts = Shape.Split('x', ' ');
        (_m, _n, _k, _transposeA, _transposeB) =
            (int.Parse(parts[0]), int.Parse(parts[1]), int.Parse(parts[2]), parts[3][0] == 'T', parts[3][1] == 'T');
        _a = Data.Random((long)_m * _k, 1);
        _b = Data.Random((long)_k * _n, 2);
        _c = Data.Random((long)_m * _n, 3);
        OpenBlas.SetThreads(Threads);
        _workers = new Workers(Threads);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Rival() => OpenBlas.Sgemm(_transposeA, _transposeB, _m, _n, _k, _a.Pointer, _b.Pointer, _c.Pointer);

    [Benchmark]
    public void TrakFast() => Sgemm.Multiply(
        _workers, _transposeA, _transposeB, _m, _n, _k, _a.Pointer, _transposeA ? _m : _k, _b.Pointer,
        _transposeB ? _k : _n, _c.Pointer, _n, false);
}
