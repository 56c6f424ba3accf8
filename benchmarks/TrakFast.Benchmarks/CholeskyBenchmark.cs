using BenchmarkDotNet.Attributes;

using MathNet.Numerics.LinearAlgebra;

using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>Is the blocked Cholesky worth its lines beside MathNet's managed one? Both may use all processors.</summary>
public class CholeskyBenchmark
{
    private readonly Workers _workers = Workers.PerProcessor();
    private SymmetricMatrix _matrix = null!;
    private Matrix<double> _dense = null!;

    /// <summary>Order k.</summary>
    [Params(256, 1024)]
    public int Order { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        _matrix = new SymmetricMatrix(Order);
        for (int i = 0; i < Order; i++)
        {
            for (int j = 0; j <= i; j++) _matrix.Row(i)[j] = _matrix.Row(j)[i] = i == j ? Order : random.NextDouble();
        }

        _dense = Matrix<double>.Build.Dense(Order, Order, (i, j) => _matrix.Row(i)[j]);
    }

    [GlobalCleanup]
    public void Cleanup() => _matrix.Dispose();

    [Benchmark(Baseline = true)]
    public object MathNet() => _dense.Cholesky();

    [Benchmark]
    public bool TrakFast()
    {
        using SymmetricMatrix copy = new(Order);
        for (int i = 0; i < Order; i++) _matrix.Row(i).CopyTo(copy.Row(i));
        return Cholesky.TryFactor(_workers, copy, out _);
    }
}
