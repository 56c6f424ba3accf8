using BenchmarkDotNet.Attributes;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Benchmarks;

/// <summary>
/// What does asking for the last layers cost beside all of them? Forward, backward and SJLT projection to k = 2048 of a
/// batch of 16, on one thread.
/// </summary>
public unsafe class LastLayersBenchmark
{
    private const int Size = 16, Dimension = 2048;
    private readonly CpuBackend _backend = new(Workers.Single);
    private OnnxModel _model = null!;
    private Batch _batch = null!;
    private ParameterSelection _all = null!, _block = null!, _layer = null!;
    private NativeBuffer<float> _features = null!;

    /// <summary>ResNet-9 for 3×32×32 images, or a transformer encoder of 128 tokens.</summary>
    [Params("residual", "encoder")]
    public string Network { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        OnnxGraph graph = Network == "residual" ? SampleNetworks.ResNet9() : SampleNetworks.SmallBert();
        _model = new OnnxModel(graph, new OnnxOptions { Workers = Workers.Single });
        _batch = SampleNetworks.Examples(graph, Size);
        _all = ParameterSelection.All(_model.Parameters);
        _layer = ParameterSelection.Matching(_model.Parameters, ["head.*"]);
        _block = ParameterSelection.Matching(
            _model.Parameters, Network == "residual" ? ["layer4.*", "layer5.*", "head.*"] : ["layer3.*", "norm.*", "head.*"]);
        _features = new NativeBuffer<float>(Size * Dimension);
        Console.WriteLine($"// {Network}: {_all.Length} parameters, last block {_block.Length}, last layer {_layer.Length}");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _model.Dispose();
        _features.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void All() => Featurize(_all);

    [Benchmark]
    public void LastBlock() => Featurize(_block);

    [Benchmark]
    public void LastLayer() => Featurize(_layer);

    [Benchmark]
    public void ForwardAlone() => _model.Forward(_batch, ParameterSelection.None).Dispose();

    private void Featurize(ParameterSelection selection)
    {
        using ModelResult result = _model.Forward(_batch, selection);
        _model.Backward(Tasks.ImageClassification.GetOutput(result, _batch), selection, new ProjectingSink(_backend, _features.View()));
    }

    private sealed class ProjectingSink(CpuBackend backend, MemoryView features) : IGradientSink
    {
        public void Accept(GradientBlock block) => backend.Project(new Projection(ProjectionKind.Sjlt, Dimension, 1, 0), block, features);
    }
}
