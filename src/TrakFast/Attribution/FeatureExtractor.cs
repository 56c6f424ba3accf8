using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// The road from a batch to its features: one forward pass, the task's f and Q, one backward pass whose gradient blocks
/// are projected as they appear, and a check that every number is finite.
/// </summary>
internal sealed class FeatureExtractor : IDisposable
{
    // What rounding may add to a probability.
    private const float Slack = 1e-3f;
    private readonly IModel _model;
    private readonly ModelOutput _task;
    private readonly IKernelBackend _backend;
    private readonly ParameterSelection _selection;
    private readonly ScoreScaling _scaling;
    private readonly Stack<NativeBuffer<float>> _hosts = [];
    private IBackendBuffer? _features;

    public FeatureExtractor(IModel model, ModelOutput task, IKernelBackend backend, ParameterSelection selection, ScoreScaling scaling)
    {
        _model = model;
        _task = task;
        _backend = backend;
        _selection = selection;
        _scaling = scaling;
    }

    /// <summary>
    /// Starts to take a batch's features: everything is asked for, and where the backend runs behind,
    /// φ arrives while the next batch is started.
    /// </summary>
    /// <param name="batch">The examples.</param>
    /// <param name="projection">The projection of the checkpoint that is loaded.</param>
    /// <param name="wantOutToLoss">Whether Q is needed: for training examples, not for targets.</param>
    /// <param name="nameOf">What errors call example b of the batch.</param>
    /// <exception cref="TrakException">f or Q is not finite, or the task does not fit the model or the batch.</exception>
    public FeatureBatch Start(Batch batch, in Projection projection, bool wantOutToLoss, Func<int, string> nameOf)
    {
        long length = (long)batch.Size * projection.Dimension;
        MemoryView features = Room(length);
        float[] outputs, outToLoss;
        using (ModelResult result = _model.Forward(batch, _selection))
        {
            Variable output = OneEach(_task.GetOutput(result, batch), batch, "model output f");
            Variable? gradient = wantOutToLoss
                ? OneEach(_task.GetOutToLossGradient(result, batch), batch, "output-to-loss gradient Q")
                : null;
            _model.Backward(output, _selection, new ProjectingSink(_backend, _selection, projection, features));

            // A device has the backward pass to do while the host waits for these two.
            outputs = output.ToArray();
            FeatureBatch.CheckFinite(outputs, 1, 0, "model output f", nameOf);
            outToLoss = gradient?.ToArray() ?? [];
            FeatureBatch.CheckFinite(outToLoss, 1, 0, "output-to-loss gradient Q", nameOf);
            CheckRange(outToLoss, nameOf);
        }

        return new FeatureBatch(_backend, features, _hosts, batch.Size, (float)ScaleOf(projection), outputs, outToLoss, nameOf);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _features?.Dispose();
        foreach (NativeBuffer<float> host in _hosts) host.Dispose();
    }

    private void CheckRange(float[] outToLoss, Func<int, string> nameOf)
    {
        if (_task.OutToLossRange is not { } range) return;
        int wrong = Array.FindIndex(outToLoss, q => q < range.Lowest - Slack || q > range.Highest + Slack);
        if (wrong >= 0)
            throw new InputException(
                $"Q of {nameOf(wrong)} is {outToLoss[wrong]}, and the task {_task.Name} has it between {range.Lowest} and {range.Highest}; "
                + "nothing of its batch was kept.");
    }

    private static Variable OneEach(Variable value, Batch batch, string what) => value.Shape.Count == 1 && value.Shape[0] == batch.Size
        ? value
        : throw new TrakException(
            $"The task's {what} is {Shapes.Text(value.Shape)}; one number for each example is wanted, [{batch.Size}].");

    /// <summary>The factor that turns ±1 or normal sums into features in the units asked for.</summary>
    private double ScaleOf(in Projection projection)
    {
        if (_scaling == ScoreScaling.Unit) return projection.Scale;

        // MadryLab/trak leaves P unscaled and divides by √p; SJLT, which it does not have, gets the same second moment.
        double unscaled = projection.Kind == ProjectionKind.None ? 1 : projection.Scale * Math.Sqrt(projection.Dimension);
        return unscaled / Math.Sqrt(_selection.Length);
    }

    private MemoryView Room(long length)
    {
        if (_features is null || _features.View.Length < length)
        {
            _features?.Dispose();
            _features = null;
            _features = _backend.Allocate(ElementType.Float32, length);
        }

        MemoryView room = _features.View.Slice(0, length);
        _backend.Clear(room);
        return room;
    }

    private sealed class ProjectingSink : IGradientSink
    {
        private readonly IKernelBackend _backend;
        private readonly ParameterSelection _selection;
        private readonly Projection _projection;
        private readonly MemoryView _features;

        public ProjectingSink(IKernelBackend backend, ParameterSelection selection, in Projection projection, MemoryView features)
        {
            _backend = backend;
            _selection = selection;
            _projection = projection;
            _features = features;
        }

        public void Accept(GradientBlock block)
        {
            // Only Kronecker asks which parameter a block lies in.
            if (_projection.Kind == ProjectionKind.Kronecker && block.Offset < _selection.Length)
                block = block with { Parameter = _selection.MatrixAt(block.Offset) };
            _backend.Project(_projection, block, _features);
        }
    }
}
