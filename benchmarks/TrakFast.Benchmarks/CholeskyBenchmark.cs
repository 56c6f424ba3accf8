using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>Are a Cholesky factor and the solutions of 512 right-hand sides as fast as OpenBLAS's dpotrf and dtrsm?</summary>
public unsafe class CholeskyBenchmark
{
    private const int Sides = 512;
    private Workers _workers = null!;
    private SymmetricMatrix _matrix = null!, _copy = null!, _factor = null!;
    private NativeBuffer<double> _sides = null!;

    /// <summary>Threads of both.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Order k.</summary>
    [Params(256, 1024, 2048)]
    public int Order { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        (_matrix, _copy, _factor) = (new SymmetricMatrix(Order), new SymmetricMatrix(Order), new SymmetricMatrix(Order));
        for (int i = 0; i < Order; i++)
        {
            for (int j = 0; j <= i; j++) _matrix.Row(i)[j] = _matrix.Row(j)[i] = i == j ? Order : random.NextDouble();
        }

        _workers = new Workers(Threads);
        OpenBlas.SetThreads(Threads);
        Restore(_factor);
        Cholesky.TryFactor(_workers, _factor, out _);
        _sides = new NativeBuffer<double>((long)Sides * Order);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _matrix.Dispose();
        _copy.Dispose();
        _factor.Dispose();
        _sides.Dispose();
    }

    [Benchmark]
    public void RivalFactor()
    {
        Restore(_copy);
        OpenBlas.Dpotrf(Order, _copy.Pointer);
    }

    [Benchmark]
    public bool Factor()
    {
        Restore(_copy);
        return Cholesky.TryFactor(_workers, _copy, out _);
    }

    [Benchmark]
    public void RivalSolve()
    {
        _sides.Span.Fill(1);
        OpenBlas.SolveRows(Order, _factor.Pointer, Sides, _sides.Pointer);
    }

    [Benchmark]
    public void Solve()
    {
        _sides.Span.Fill(1);
        Cholesky.SolveRows(_workers, _factor, _sides.Pointer, Sides);
    }

    private void Restore(SymmetricMatrix target)
    {
        long bytes = (long)Order * Order * sizeof(double);
        Buffer.MemoryCopy(_matrix.Pointer, target.Pointer, bytes, bytes);
    }
}
