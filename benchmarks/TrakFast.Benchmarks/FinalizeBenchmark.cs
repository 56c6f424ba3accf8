using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>
/// What do finalizing and scoring cost beside the same through OpenBLAS? ΦᵀΦ, its Cholesky factor, the targets solved
/// against it, and the 100 highest and lowest scores of every target; OpenBLAS's ΦᵀΦ is summed in float32, ours in float64.
/// Another size, such as the 50000x2048x1000 of a real run, is given by the environment variable FINALISE.
/// </summary>
public unsafe class FinalizeBenchmark
{
    private const int Kept = 100, BlockRows = 4096;
    private int _n, _k, _m;
    private CpuBackend _backend = null!;
    private NativeBuffer<float> _train = null!, _targets = null!, _scale = null!, _gram = null!, _solved = null!, _tile = null!;
    private NativeBuffer<double> _sides = null!;
    private SymmetricMatrix _kernel = null!;

    /// <summary>Train examples n × projection dimension k × targets m.</summary>
    public static IEnumerable<string> Sizes => [Environment.GetEnvironmentVariable("FINALISE") ?? "10000x1024x250"];

    /// <summary>One of the <see cref="Sizes"/>.</summary>
    [ParamsSource(nameof(Sizes))]
    public string Size { get; set; } = "";

    /// <summary>Threads of both.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        int[] sizes = [.. Size.Split('x').Select(int.Parse)];
        (_n, _k, _m) = (sizes[0], sizes[1], sizes[2]);
        _backend = new CpuBackend(new Workers(Threads));
        OpenBlas.SetThreads(Threads);
        (_train, _targets, _scale) = (Data.Random((long)_n * _k, 1), Data.Random((long)_m * _k, 2), Data.Random(_n, 3));
        (_gram, _solved, _tile) =
            (new NativeBuffer<float>((long)_k * _k), new NativeBuffer<float>((long)_m * _k), new NativeBuffer<float>((long)BlockRows * _m));
        _sides = new NativeBuffer<double>((long)_m * _k);
        _kernel = new SymmetricMatrix(_k);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (IDisposable owned in (IDisposable[])[_train, _targets, _scale, _gram, _solved, _tile, _sides, _kernel, _backend])
            owned.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int Rival()
    {
        OpenBlas.Ssyrk(_n, _k, _train.Pointer, _gram.Pointer);
        for (int i = 0; i < _k; i++)
        {
            for (int j = i; j < _k; j++) _kernel.Pointer[((long)j * _k) + i] = _gram.Pointer[((long)i * _k) + j] + (i == j ? 1 : 0);
        }

        OpenBlas.Dpotrf(_k, _kernel.Pointer);
        for (long i = 0; i < _targets.Length; i++) _sides.Pointer[i] = _targets.Pointer[i];
        OpenBlas.SolveRows(_k, _kernel.Pointer, _m, _sides.Pointer);
        for (long i = 0; i < _targets.Length; i++) _solved.Pointer[i] = (float)_sides.Pointer[i];
        PriorityQueue<long, float>[] highest = [.. Enumerable.Range(0, _m).Select(_ => new PriorityQueue<long, float>(Kept + 1))];
        PriorityQueue<long, float>[] lowest = [.. Enumerable.Range(0, _m).Select(_ => new PriorityQueue<long, float>(Kept + 1))];
        float[] highBars = new float[_m], lowBars = new float[_m];
        for (int first = 0; first < _n; first += BlockRows)
        {
            int rows = Math.Min(BlockRows, _n - first);
            OpenBlas.Sgemm(false, true, rows, _m, _k, _train.Pointer + ((long)first * _k), _solved.Pointer, _tile.Pointer);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < _m; j++)
                {
                    float score = _tile.Pointer[((long)i * _m) + j] * _scale.Pointer[first + i];
                    if (first + i < Kept || score > highBars[j]) highBars[j] = Keep(highest[j], first + i, score);
                    if (first + i < Kept || score < lowBars[j]) lowBars[j] = -Keep(lowest[j], first + i, -score);
                }
            }
        }

        return highest[0].Count + lowest[0].Count;
    }

    [Benchmark]
    public int TrakFast()
    {
        using IGramAccumulator gram = _backend.CreateGram(_k);
        gram.Add(_train.View(), _n, _train.View().Slice(0, 0));
        using SymmetricMatrix kernel = gram.ToMatrix();
        for (int i = 0; i < _k; i++) kernel.Row(i)[i] += 1;
        if (!Cholesky.TryFactor(_backend.Workers, kernel, out int pivot))
            throw new InvalidOperationException($"Pivot {pivot} is not positive.");
        for (long i = 0; i < _targets.Length; i++) _sides.Pointer[i] = _targets.Pointer[i];
        Cholesky.SolveRows(_backend.Workers, kernel, _sides.Pointer, _m);
        for (long i = 0; i < _targets.Length; i++) _solved.Pointer[i] = (float)_sides.Pointer[i];
        TopSink sink = new(_m, Kept);
        _backend.Score([_train.View()], [_solved.View()], _scale.View(), 0, sink);
        return sink.Highest(0).Length + sink.Lowest(0).Length;
    }

    private static float Keep(PriorityQueue<long, float> kept, long index, float score)
    {
        if (kept.Count < Kept) kept.Enqueue(index, score);
        else kept.DequeueEnqueue(index, score);
        kept.TryPeek(out _, out float least);
        return least;
    }
}
