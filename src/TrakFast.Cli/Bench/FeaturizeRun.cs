using System.Diagnostics;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Bench;

/// <summary>One network and one batch of it, taken to features again and again: forward, backward, projection.</summary>
internal sealed unsafe class FeaturizeRun : IDisposable
{
    private readonly IModel _model;
    private readonly Batch _batch;
    private readonly ParameterSelection _selection;
    private readonly CpuBackend _backend;
    private readonly NativeBuffer<float> _features;
    private readonly int _dimension;

    /// <summary>Prepares a network.</summary>
    /// <param name="graph">The network; its output is taken for logits.</param>
    /// <param name="batchSize">Examples B.</param>
    /// <param name="dimension">Projection dimension k.</param>
    /// <param name="workers">Threads.</param>
    public FeaturizeRun(OnnxGraph graph, int batchSize, int dimension, Workers workers)
        : this(new OnnxModel(graph, new OnnxOptions { Workers = workers }), SampleNetworks.Examples(graph, batchSize), dimension, workers)
    {
    }

    /// <summary>Prepares a network in another engine.</summary>
    /// <param name="model">
    /// The network; owned from now on. Its first output is taken for logits, and its gradients lie in host memory.
    /// </param>
    /// <param name="batch">Examples with labels.</param>
    /// <param name="dimension">Projection dimension k.</param>
    /// <param name="workers">Threads that project.</param>
    public FeaturizeRun(IModel model, Batch batch, int dimension, Workers workers)
    {
        _model = model;
        _batch = batch;
        _selection = ParameterSelection.All(_model.Parameters);
        _backend = new CpuBackend(workers);
        _features = new NativeBuffer<float>((long)batch.Size * dimension);
        _dimension = dimension;
        ForwardBackward();
    }

    /// <summary>Gradient dimension p.</summary>
    public long Parameters => _selection.Length;

    /// <summary>Examples B.</summary>
    public int BatchSize => _batch.Size;

    /// <summary>Operations of an example's products with weights in one forward pass; a multiply-add is two.</summary>
    public double Operations { get; private set; }

    /// <summary>Projecting's share of the last <see cref="Featurize"/>'s time.</summary>
    public double ProjectionShare { get; private set; }

    /// <summary>A forward pass that keeps nothing.</summary>
    public void Forward() => _model.Forward(_batch, ParameterSelection.None).Dispose();

    /// <summary>Forward and backward; the gradient blocks are counted and dropped.</summary>
    public void ForwardBackward()
    {
        CountingSink sink = new();
        Run(sink);
        Operations = sink.Operations / BatchSize;
    }

    /// <summary>Forward, backward and the projection of every block.</summary>
    public void Featurize(ProjectionKind kind)
    {
        long start = Stopwatch.GetTimestamp();
        _features.Clear();
        ProjectingSink sink = new(_backend, _selection, new Projection(kind, _dimension, 1, 0), _features.View());
        Run(sink);
        ProjectionShare = sink.Seconds / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
        _features.Dispose();
    }

    private void Run(IGradientSink sink)
    {
        using ModelResult result = _model.Forward(_batch, _selection);
        _model.Backward(Tasks.ImageClassification.GetOutput(result, _batch), _selection, sink);
    }

    private sealed class CountingSink : IGradientSink
    {
        public double Operations { get; private set; }

        public void Accept(GradientBlock block) => Operations += 2.0 * block.Batch * block switch
        {
            OuterProductBlock outer => (double)outer.Positions * outer.Rows * outer.Columns,
            ConvolutionBlock convolution => (double)convolution.Geometry.WeightSize * convolution.Geometry.OutputSize,
            _ => 0,
        };
    }

    private sealed class ProjectingSink(
        CpuBackend backend, ParameterSelection selection, Projection projection, MemoryView features) : IGradientSink
    {
        public double Seconds { get; private set; }

        public void Accept(GradientBlock block)
        {
            long start = Stopwatch.GetTimestamp();
            if (projection.Kind == ProjectionKind.Kronecker) block = block with { Parameter = selection.MatrixAt(block.Offset) };
            backend.Project(projection, block, features);
            Seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
