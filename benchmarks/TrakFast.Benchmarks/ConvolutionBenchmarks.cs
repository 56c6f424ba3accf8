using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>Is a convolution as fast as unfolding every example and multiplying by OpenBLAS, on one thread?</summary>
public unsafe class ConvolutionBenchmarks
{
    private ConvolutionGeometry _geometry = null!;
    private NativeBuffer<float> _input = null!, _weight = null!, _output = null!, _inputGradient = null!, _weightGradient = null!;
    private NativeBuffer<float> _columns = null!, _product = null!;
    private int _batch;

    /// <summary>
    /// Channels in → out, map, kernel, stride, pad, groups, batch: the layers of the usual ResNet-9, then a classifier of
    /// digits, a layer without patches, one of stride 2 and a depthwise one.
    /// </summary>
    [Params(
        "3-64 32 k3 s1 p1 g1 B8", "64-128 32 k5 s2 p2 g1 B8", "128-128 16 k3 s1 p1 g1 B8", "128-256 16 k3 s1 p1 g1 B8",
        "256-256 8 k3 s1 p1 g1 B32", "256-128 8 k3 s1 p0 g1 B32", "16-32 4 k3 s1 p1 g1 B50", "64-64 32 k1 s1 p0 g1 B8",
        "64-128 32 k3 s2 p1 g1 B8", "128-128 16 k3 s1 p1 g128 B8")]
    public string Shape { get; set; } = "";

    /// <summary>What is computed.</summary>
    [Params(Pass.Forward, Pass.InputGradient, Pass.WeightGradientSum)]
    public Pass What { get; set; }

    /// <summary>The three products of a convolution.</summary>
    public enum Pass
    {
        /// <summary>The output.</summary>
        Forward,

        /// <summary>The gradient of the input.</summary>
        InputGradient,

        /// <summary>The gradient of the weight, summed over the batch.</summary>
        WeightGradientSum,
    }

    [GlobalSetup]
    public void Setup()
    {
        int[] numbers = [.. Shape.Split('-', ' ', 'k', 's', 'p', 'g', 'B').Where(static part => part.Length > 0).Select(int.Parse)];
        (int channels, int outputs, int size, int kernel, int stride, int pad, int groups) =
            (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
        _batch = numbers[7];
        _geometry = new ConvolutionGeometry(
            groups, channels, outputs, [size, size], [kernel, kernel], [stride, stride], [1, 1], [pad, pad], [pad, pad]);
        _input = Data.Random((long)_batch * channels * size * size, 1);
        _weight = Data.Random(_geometry.WeightSize, 2);
        _output = Data.Random((long)_batch * outputs * _geometry.OutputSize, 3);
        _inputGradient = Data.Random(_input.Length, 4);
        _weightGradient = Data.Random(_geometry.WeightSize, 5);
        _columns = new NativeBuffer<float>((long)_geometry.UnfoldedRows * _geometry.OutputSize);
        _product = new NativeBuffer<float>(_geometry.WeightSize / groups);
        OpenBlas.SetThreads(1);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (NativeBuffer<float> buffer
            in (ReadOnlySpan<NativeBuffer<float>>)[_input, _weight, _output, _inputGradient, _weightGradient, _columns, _product])
            buffer.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Rival()
    {
        int outputs = _geometry.OutputChannels / _geometry.Groups, positions = _geometry.OutputSize, rows = _geometry.UnfoldedRows;
        for (int item = 0; item < _batch * _geometry.Groups; item++)
        {
            (int b, int group) = Math.DivRem(item, _geometry.Groups);
            float* x = _input.Pointer + ((long)b * _geometry.InputChannels * _geometry.InputSize),
                y = _output.Pointer + ((long)item * outputs * positions);
            float* dx = _inputGradient.Pointer + ((long)b * _geometry.InputChannels * _geometry.InputSize),
                weight = _weight.Pointer + ((long)group * outputs * rows);
            switch (What)
            {
                case Pass.Forward:
                    Unfold.Forward(_geometry, group, x, _columns.Pointer);
                    OpenBlas.Sgemm(false, false, outputs, positions, rows, weight, _columns.Pointer, y);
                    break;
                case Pass.InputGradient:
                    OpenBlas.Sgemm(true, false, rows, positions, outputs, weight, y, _columns.Pointer);
                    Unfold.Backward(_geometry, group, _columns.Pointer, dx);
                    break;
                default:
                    Unfold.Forward(_geometry, group, x, _columns.Pointer);
                    OpenBlas.Sgemm(false, true, outputs, rows, positions, y, _columns.Pointer, _product.Pointer);
                    float* sum = _weightGradient.Pointer + ((long)group * outputs * rows);
                    for (long i = 0; i < _product.Length; i++) sum[i] += _product.Pointer[i];
                    break;
            }
        }
    }

    [Benchmark]
    public void TrakFast()
    {
        switch (What)
        {
            case Pass.Forward:
                ConvolutionKernels.Forward(Workers.Single, _geometry, _batch, _input.Pointer, _weight.Pointer, null, _output.Pointer);
                break;
            case Pass.InputGradient:
                ConvolutionKernels.InputGradient(
                    Workers.Single, _geometry, _batch, _output.Pointer, _weight.Pointer, _inputGradient.Pointer);
                break;
            default:
                ConvolutionKernels.WeightGradientSum(
                    Workers.Single, _geometry, _batch, _input.Pointer, _output.Pointer, _weightGradient.Pointer);
                break;
        }
    }
}
