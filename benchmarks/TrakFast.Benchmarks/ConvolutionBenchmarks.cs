using BenchmarkDotNet.Attributes;

using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>Is a convolution as fast as unfolding every example and multiplying by OpenBLAS, on one thread?</summary>
public unsafe class ConvolutionBenchmarks
{
    private ConvolutionGeometry _geometry = null!;
    private NativeBuffer<float> _input = null!, _weight = null!, _output = null!, _inputGradient = null!, _weightGradient = null!;
    private NativeBuffer<float> _columns = null!, _product = null!;
    private int _batch;

    /// <summary>Channels in → out, map, batch, kernels 3×3: a classifier of 8×8 digits, then a residual network.</summary>
    [Params("1-16 8x8 B50", "16-32 4x4 B50", "32-32 4x4 B50", "64-64 32x32 B8", "64-64 56x56 B4", "128-128 16x16 B8")]
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
        string[] parts = Shape.Split('-', ' ', 'x', 'B');
        int channels = int.Parse(parts[0]), outputs = int.Parse(parts[1]), size = int.Parse(parts[2]);
        _batch = int.Parse(parts[^1]);
        _geometry = new ConvolutionGeometry(1, channels, outputs, [size, size], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        _input = Data.Random((long)_batch * channels * size * size, 1);
        _weight = Data.Random(_geometry.WeightSize, 2);
        _output = Data.Random((long)_batch * outputs * size * size, 3);
        _inputGradient = Data.Random(_input.Length, 4);
        _weightGradient = Data.Random(_geometry.WeightSize, 5);
        _columns = new NativeBuffer<float>((long)_geometry.UnfoldedRows * _geometry.OutputSize);
        _product = new NativeBuffer<float>(_geometry.WeightSize);
        OpenBlas.SetThreads(1);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (NativeBuffer<float> buffer in (ReadOnlySpan<NativeBuffer<float>>)[_input, _weight, _output, _inputGradient, _weightGradient, _columns, _product])
            buffer.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Rival()
    {
        int outputs = _geometry.OutputChannels, positions = _geometry.OutputSize, rows = _geometry.UnfoldedRows;
        for (int b = 0; b < _batch; b++)
        {
            float* x = _input.Pointer + ((long)b * _geometry.InputChannels * _geometry.InputSize), y = _output.Pointer + ((long)b * outputs * positions);
            float* dx = _inputGradient.Pointer + ((long)b * _geometry.InputChannels * _geometry.InputSize);
            switch (What)
            {
                case Pass.Forward:
                    Unfold.Forward(_geometry, 0, x, _columns.Pointer);
                    OpenBlas.Sgemm(false, false, outputs, positions, rows, _weight.Pointer, _columns.Pointer, y);
                    break;
                case Pass.InputGradient:
                    OpenBlas.Sgemm(true, false, rows, positions, outputs, _weight.Pointer, y, _columns.Pointer);
                    Unfold.Backward(_geometry, 0, _columns.Pointer, dx);
                    break;
                default:
                    Unfold.Forward(_geometry, 0, x, _columns.Pointer);
                    OpenBlas.Sgemm(false, true, outputs, rows, positions, y, _columns.Pointer, _product.Pointer);
                    for (long i = 0; i < _product.Length; i++) _weightGradient.Pointer[i] += _product.Pointer[i];
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
                ConvolutionKernels.InputGradient(Workers.Single, _geometry, _batch, _output.Pointer, _weight.Pointer, _inputGradient.Pointer);
                break;
            default:
                ConvolutionKernels.WeightGradientSum(Workers.Single, _geometry, _batch, _input.Pointer, _output.Pointer, _weightGradient.Pointer);
                break;
        }
    }
}
