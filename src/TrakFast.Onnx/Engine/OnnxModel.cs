using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// An ONNX network run and differentiated in managed code on the CPU. An example's outputs and gradients are bitwise the
/// same in any batch, at any place in it and on any number of threads. A model is for one caller at a time;
/// <see cref="Clone"/> gives others their own.
/// </summary>
public sealed unsafe class OnnxModel : IModel
{
    private const long Mebibyte = 1 << 20;

    // A task reads an output, and its own arithmetic keeps about as much again for each of a few operations.
    private const int CopiesOfAnOutput = 6;
    private readonly ProgramCache _programs;
    private readonly OnnxOptions _options;
    private readonly Weights _weights;
    private readonly BufferPool _pool;

    // Of passes that have ended; as many as were alive at once.
    private readonly Stack<HostArrays> _arrays = [];
    private readonly ParameterSelection _all;
    private bool _disposed;

    /// <summary>Makes a graph executable, with the weights stored in it.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="TrakException">The graph uses operators that are not supported; the message names them all.</exception>
    public OnnxModel(OnnxGraph graph, OnnxOptions? options = null)
        : this(new ProgramCache(graph ?? throw new ArgumentNullException(nameof(graph))), options ?? new OnnxOptions())
    {
    }

    private OnnxModel(ProgramCache programs, OnnxOptions options)
    {
        _programs = programs;
        _options = options;
        _weights = new Weights(Graph);
        _pool = new BufferPool(options.Poison);
        _all = ParameterSelection.All(Graph.Parameters);
        Inputs = [.. Graph.Inputs.Select(static i => i.Name)];
    }

    /// <summary>The network.</summary>
    public OnnxGraph Graph => _programs.Graph;

    /// <inheritdoc/>
    public string Engine => "managed";

    /// <inheritdoc/>
    public MemorySpace BlockSpace => MemorySpace.Host;

    /// <inheritdoc/>
    public IReadOnlyList<ModelParameter> Parameters => Graph.Parameters;

    /// <inheritdoc/>
    public IReadOnlyList<string> Inputs { get; }

    /// <inheritdoc/>
    public string WeightHash
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _weights.Hash;
        }
    }

    /// <summary>Entries of the checkpoint in use that the graph does not have and that were passed over.</summary>
    public IReadOnlyList<string> PassedOver { get; private set; } = [];

    /// <summary>The stored arrays in use.</summary>
    internal Weights Weights => _weights;

    /// <summary>Bytes that the passes so far took from the system for values and gradients.</summary>
    internal long PassBytes => _pool.Total * sizeof(float);

    /// <summary>The threads in use.</summary>
    internal Workers Workers => _options.Workers;

    /// <summary>Reads a model with the weights stored in its file.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="TrakException">The file cannot be read or uses operators that are not supported.</exception>
    public static OnnxModel Load(string path, OnnxOptions? options = null) => new(OnnxFile.Read(path), options);

    /// <inheritdoc/>
    public void Load(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ObjectDisposedException.ThrowIf(_disposed, this);
        PassedOver = CheckpointLoader.Load(Graph, _weights, checkpoint);
    }

    /// <summary>Copies the weights in use out, running statistics included.</summary>
    /// <param name="name">What errors will call the checkpoint.</param>
    public Checkpoint ToCheckpoint(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _weights.ToCheckpoint(name);
    }

    /// <summary>Another model with the same graph and its own copy of the weights in use.</summary>
    /// <param name="options">How it runs; null for as this one does.</param>
    public OnnxModel Clone(OnnxOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        OnnxModel clone = new(_programs, options ?? _options);
        clone._weights.CopyFrom(_weights);
        return clone;
    }

    /// <inheritdoc/>
    public ModelResult Forward(Batch batch, ParameterSelection? selection = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (batch.Size == 0) throw new TrakException("The batch has no examples.");
        Program program = _programs.For(InputReader.Shapes(Graph, batch));
        Schedule schedule = program.For(selection ?? _all);
        RefuseTooLarge(schedule, batch.Size);
        ForwardPass pass = new(schedule, _weights, _pool, _arrays, batch.Size);
        try
        {
            InputReader.Read(pass, batch);
            pass.Run(Workers);
            return pass;
        }
        catch
        {
            pass.Dispose();
            throw;
        }
    }

    /// <summary>What passes over batches of a size will take, found without running any.</summary>
    /// <param name="batchSize">Examples in a batch, B.</param>
    /// <param name="shapes">One example's shape of inputs whose sizes the file leaves open, without the examples' axis.</param>
    /// <param name="selection">The parameters whose gradients are wanted; null for all.</param>
    /// <exception cref="TrakException">An input's sizes are open and not given, or the network cannot do with them.</exception>
    public MemoryEstimate EstimateMemory(
        int batchSize, IReadOnlyDictionary<string, IReadOnlyList<long>>? shapes = null, ParameterSelection? selection = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ObjectDisposedException.ThrowIf(_disposed, this);
        Schedule schedule = _programs.For(InputReader.Shapes(Graph, shapes)).For(selection ?? _all);
        long inputs =
            Graph.Inputs.Select((input, i) => schedule.Program.Values[schedule.Program.Inputs[i]].Length * input.Type.Size()).Sum();
        long largest = schedule.Program.Values.Where(static v => v.Separate).Select(static v => v.Length).DefaultIfEmpty().Max();
        return new MemoryEstimate(
            _weights.Bytes, checked(batchSize * inputs), checked(schedule.Elements(batchSize) * sizeof(float)),
            OutputBytes(schedule, batchSize), largest * sizeof(float));
    }

    /// <inheritdoc/>
    public void Backward(Variable outputs, ParameterSelection selection, IGradientSink sink)
    {
        ArgumentNullException.ThrowIfNull(selection);
        ArgumentNullException.ThrowIfNull(sink);
        ObjectDisposedException.ThrowIf(_disposed, this);
        HostVariable root = outputs as HostVariable
            ?? throw new ArgumentException("The outputs were not made by this engine.", nameof(outputs));
        IReadOnlyList<(OutputSource Source, float[] Gradient)> starts = root.GradientsAtOutputs();
        if (starts.Count == 0) return;
        ForwardPass pass = starts[0].Source.Pass;
        if (starts.Any(s => s.Source.Pass != pass) || pass.Pool != _pool)
            throw new ArgumentException("The outputs must come from one forward pass of this model.", nameof(outputs));
        ObjectDisposedException.ThrowIf(!pass.Alive, pass);
        PassRules.Check(pass.Version == _weights.Version, pass.Backpropagated, pass.Schedule.Selection, selection);
        Backward(pass, starts, selection, sink);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _weights.Dispose();
        _pool.Dispose();
    }

    /// <summary>To be called when weights were changed in place.</summary>
    internal void WeightsChanged() => _weights.Changed();

    private static long OutputBytes(Schedule schedule, int batch) =>
        checked(CopiesOfAnOutput * batch * schedule.Program.Outputs.Sum(o => schedule.Program.Values[o].Length) * sizeof(float));

    /// <summary>
    /// Refuses a batch whose values and gradients this process may not hold. Better before than in the middle: a system that
    /// overcommits ends the process when memory is written.
    /// </summary>
    internal static void RefuseTooLarge(Schedule schedule, int batch)
    {
        long bytes, most = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        try
        {
            bytes = checked((schedule.Elements(batch) * sizeof(float)) + OutputBytes(schedule, batch));
        }
        catch (OverflowException)
        {
            bytes = long.MaxValue;
        }

        if (bytes > most)
            throw new TrakException(
                $"A batch of {batch} examples needs {bytes / Mebibyte} MiB for values and gradients, "
                + $"and this process may use {most / Mebibyte}; use a smaller batch.");
    }

    private void Backward(
        ForwardPass pass, IReadOnlyList<(OutputSource Source, float[] Gradient)> starts, ParameterSelection selection, IGradientSink sink)
    {
        Schedule schedule = pass.Program.For(selection);
        BackwardContext context = new(pass, schedule, sink, Workers);
        try
        {
            foreach ((OutputSource source, float[] gradient) in starts)
            {
                int slot = pass.Program.Outputs[source.Output];
                if (!schedule.Wanted[slot]) continue;
                Value value = pass.Program.Values[slot];
                if (!value.Batched)
                    throw new TrakException(
                        $"The output '{value.Name}' {value} is the same for all examples, "
                        + "so a gradient through it cannot be kept apart by example; detach it in the task.");
                context.Seed(slot, gradient);
            }

            for (int i = pass.Program.Steps.Length - 1; i >= 0; i--)
            {
                Step step = pass.Program.Steps[i];
                if (context.Enter(step)) step.Operator.Backward(context);
                context.Leave();
                pass.Passed(step);
            }
        }
        finally
        {
            context.FreeAll();
        }
    }
}
