using BenchmarkDotNet.Attributes;
using TorchSharp;
using TrakFast.Cli.Bench;
using TrakFast.Kernels;
using TrakFast.Onnx;
using TrakFast.TorchSharp;
using static TorchSharp.torch;

namespace TrakFast.Benchmarks.Torch;

/// <summary>
/// What do projected per-example gradients of a ResNet-9 cost in torch, beside torch's own training step on the same batch and beside one
/// example at a time? 32 images, SJLT, k = 2048, all processors.
/// </summary>
public unsafe class TorchFeaturizeBenchmark
{
    private const int Count = 32, Dimension = 2048;
    private readonly Workers _workers = Workers.PerProcessor();
    private FeaturizeRun _managed = null!, _graph = null!, _module = null!;
    private TorchResNet9 _network = null!, _held = null!;
    private CpuBackend _backend = null!;
    private NativeBuffer<float> _features = null!;
    private Tensor _images = null!, _labels = null!;

    [GlobalSetup]
    public void Setup()
    {
        TorchLibrary.Require();
        set_num_threads(_workers.Threads);
        OnnxGraph graph = SampleNetworks.ResNet9();
        Batch batch = SampleNetworks.Examples(graph, Count);
        _managed = new FeaturizeRun(graph, Count, Dimension, _workers);
        _graph = new FeaturizeRun(new TorchOnnxModel(graph), batch, Dimension, _workers);
        _network = new TorchResNet9();
        _held = new TorchResNet9();
        _module = new FeaturizeRun(new TorchModel(_held, ["image"], ["logits"]), batch, Dimension, _workers);
        _images = tensor(batch["image"].ToFloats(), Count, 3, 32, 32);
        _labels = tensor(batch["label"].ToLongs(), [Count]);
        _backend = new CpuBackend(_workers);
        _features = new NativeBuffer<float>((long)Count * Dimension);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (IDisposable owned in (IDisposable[])[_managed, _graph, _module, _network, _held, _backend, _features, _images, _labels])
            owned.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void TrainingStep()
    {
        using DisposeScope scope = NewDisposeScope();
        _network.zero_grad();
        nn.functional.cross_entropy(_network.call(_images), _labels).backward();
    }

    [Benchmark]
    public void OneByOne()
    {
        for (int b = 0; b < Count; b++)
        {
            using DisposeScope scope = NewDisposeScope();
            _network.zero_grad();
            nn.functional.cross_entropy(_network.call(_images.narrow(0, b, 1)), _labels.narrow(0, b, 1)).backward();
            Tensor gradient = cat([.. _network.parameters().Select(static p => p.grad!.reshape(-1))]);
            fixed (byte* values = gradient.bytes)
            {
                DenseBlock block = new(1, 0, gradient.numel(), MemoryView.Of((float*)values, gradient.numel()));
                _backend.Project(
                    new Projection(ProjectionKind.Sjlt, Dimension, 1, 0), block, _features.View().Slice((long)b * Dimension, Dimension));
            }
        }
    }

    [Benchmark]
    public void TrakFastModule() => _module.Featurize(ProjectionKind.Sjlt);

    [Benchmark]
    public void TrakFastGraph() => _graph.Featurize(ProjectionKind.Sjlt);

    [Benchmark]
    public void TrakFastManaged() => _managed.Featurize(ProjectionKind.Sjlt);
}
