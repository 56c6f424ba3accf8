using BenchmarkDotNet.Attributes;

using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>
/// How fast do random words come out of Philox4x32-10 on one thread, and how fast could they be written at all? 16 KiB an operation.
/// </summary>
[Bytes(Coordinates * 16)]
public unsafe class PhiloxBenchmark
{
    private const int Coordinates = 1024;
    private readonly NativeBuffer<uint> _words = new((4 * Coordinates) + Philox.Slack);

    [GlobalCleanup]
    public void Cleanup() => _words.Dispose();

    [Benchmark(Baseline = true)]
    public void Scalar() => Philox.FillScalar(1, 2, 3, 1, Coordinates, 4, 0, _words.Pointer);

    [Benchmark]
    public void Vectorised() => Philox.Fill(1, 2, 3, 1, Coordinates, 4, 0, _words.Pointer);

    [Benchmark]
    public void PlainFill() => _words.Slice(0, 4 * Coordinates).Fill(123456789);
}
