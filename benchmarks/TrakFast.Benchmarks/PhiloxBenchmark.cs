using BenchmarkDotNet.Attributes;

using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>What do vectors gain in Philox4x32-10? 16 KiB of words an operation.</summary>
public unsafe class PhiloxBenchmark
{
    private const int Coordinates = 1024;
    private readonly uint[] _words = new uint[(4 * Coordinates) + Philox.Slack];

    [Benchmark(Baseline = true)]
    public void Scalar()
    {
        fixed (uint* words = _words) Philox.FillScalar(1, 2, 3, 1, Coordinates, 4, 0, words);
    }

    [Benchmark]
    public void Vectorised()
    {
        fixed (uint* words = _words) Philox.Fill(1, 2, 3, 1, Coordinates, 4, 0, words);
    }
}
