using System.Runtime.InteropServices;
using TorchSharp;
using TrakFast.Kernels;
using TrakFast.Onnx;
using TrakFast.Onnx.Programs;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>
/// An ONNX network run and differentiated by torch's operators, on the CPU or a CUDA device. It takes the graphs that
/// <see cref="OnnxModel"/> takes, refuses what that refuses, and gives the same blocks but for rounding. A model is for one
/// caller at a time, and a pass for the thread that made it.
/// </summary>
public sealed class TorchOnnxModel : IModel
{
    private readonly GraphPrograms _programs;
    private readonly Dictionary<GraphProgram, TorchProgram> _compiled = [];
    private readonly TorchWeights _weights;
    private readonly Device _device;
    private readonly ScalarType _type;
    private readonly ParameterSelection _all;
    private readonly List<TorchOnnxPass> _alive = [];
    private bool _disposed;

    /// <summary>Makes a graph executable, with the weights stored in it.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="TrakException">
    /// The graph uses operators that are not supported (the message names them all),
    /// torch cannot be loaded, or it does not have the device.
    /// </exception>
    public TorchOnnxModel(OnnxGraph graph, TorchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new TorchOptions();
        TorchLibrary.Require();
        _programs = new GraphPrograms(graph);
        _device = TorchDevice.Parse(options.Device);
        _type = options.Type;
        PassPrecision = options.Precision;
        BlockSpace = TorchDevice.Space(_device);
        _weights = new TorchWeights(graph, _device, _type);
        _all = ParameterSelection.All(graph.Parameters);
        Inputs = [.. graph.Inputs.Select(static i => i.Name)];
    }

    /// <summary>The network.</summary>
    public OnnxGraph Graph => _programs.Graph;

    /// <inheritdoc/>
    public string Engine => "torch";

    /// <inheritdoc/>
    public ElementType PassPrecision { get; }

    /// <inheritdoc/>
    public MemorySpace BlockSpace { get; }

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
            return _weights.Host.Hash;
        }
    }

    /// <summary>Reads a model with the weights stored in its file.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="TrakException">
    /// The file cannot be read or uses operators that are not supported, or torch cannot be used.
    /// </exception>
    public static TorchOnnxModel Load(string path, TorchOptions? options = null) => new(OnnxFile.Read(path), options);

    /// <inheritdoc/>
    public void Load(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ObjectDisposedException.ThrowIf(_disposed, this);
        _weights.Load(checkpoint);
    }

    /// <inheritdoc/>
    public ModelResult Forward(Batch batch, ParameterSelection? selection = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (batch.Size == 0) throw new TrakException("The batch has no examples.");
        GraphProgram program = _programs.For(batch);
        GradientPaths paths = program.PathsTo(selection ?? _all);
        if (_device.type == DeviceType.CPU) paths.RefuseTooLarge(batch.Size);
        PassScope scope = new();
        try
        {
            using DisposeScope temporary = NewDisposeScope();
            TorchOnnxPass pass = new(this, program, paths, _weights.Host.Version, batch.Size, scope);
            TorchForward forward = new(Compiled(program), paths, _weights, _device, _type, batch.Size, scope);
            for (int i = 0; i < program.Inputs.Count; i++) forward.Set(program.Inputs[i], Input(program, i, batch));
            forward.Run();
            pass.Complete(forward);
            _alive.Add(pass);
            return pass;
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Backward(Variable outputs, ParameterSelection selection, IGradientSink sink)
    {
        ArgumentNullException.ThrowIfNull(selection);
        ArgumentNullException.ThrowIfNull(sink);
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor root = TorchVariable.OfOutputs(outputs);
        if (!root.requires_grad) return;
        using DisposeScope temporary = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        (TorchOnnxPass pass, List<(int Output, Tensor End, Tensor Gradient)> starts) = GradientsAtOutputs(root);
        PassRules.Check(pass.Version == _weights.Host.Version, pass.Backpropagated, pass.Paths.Selection, selection);
        Backward(pass, starts, selection, sink);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _weights.Dispose();
        foreach (TorchProgram program in _compiled.Values) program.Dispose();
    }

    /// <summary>To be called when a pass is disposed.</summary>
    internal void Ended(TorchOnnxPass pass) => _alive.Remove(pass);

    private TorchProgram Compiled(GraphProgram program)
    {
        if (_compiled.TryGetValue(program, out TorchProgram? known)) return known;

        // As few as the cache of programs keeps.
        if (_compiled.Count > GraphPrograms.MostKept)
        {
            foreach (TorchProgram old in _compiled.Values) old.Dispose();
            _compiled.Clear();
        }

        return _compiled[program] = new TorchProgram(program, _device, _type);
    }

    private Tensor Input(GraphProgram program, int input, Batch batch)
    {
        ProgramValue value = program.Values[program.Inputs[input]];
        Tensor host = empty([batch.Size, .. value.Shape], dtype: ScalarType.Float32);
        if (value.Length > 0) program.ReadInput(input, batch, MemoryMarshal.Cast<byte, float>(host.bytes));
        return TorchMemory.Moved(host, value.Whole ? ScalarType.Float32 : _type, _device);
    }

    // ∂f/∂o at each output o of a pass that f was computed from.
    private (TorchOnnxPass Pass, List<(int Output, Tensor End, Tensor Gradient)> Starts) GradientsAtOutputs(Tensor root)
    {
        (TorchOnnxPass Pass, int Output, Tensor Leaf, Tensor End)[] read =
            [.. _alive.SelectMany(static p => p.Read.Select(r => (p, r.Output, r.Leaf, r.End)))];
        foreach ((_, _, Tensor leaf, _) in read) leaf.grad = null;
        if (read.Length > 0) TorchErrors.Backpropagate([root.sum()], null, [.. read.Select(static r => r.Leaf)], keep: true);
        List<(int, Tensor, Tensor)> starts = [];
        TorchOnnxPass? found = null;
        foreach ((TorchOnnxPass pass, int output, Tensor leaf, Tensor end) in read)
        {
            if (leaf.grad is not { } gradient) continue;
            leaf.grad = null;
            if (found is not null && found != pass) throw Elsewhere();
            found = pass;
            starts.Add((output, end, gradient));
        }

        return (found ?? throw Elsewhere(), starts);

        static ArgumentException Elsewhere() => new("The outputs must come from one forward pass of this model.", "outputs");
    }

    private static void Backward(
        TorchOnnxPass pass, List<(int Output, Tensor End, Tensor Gradient)> starts, ParameterSelection selection, IGradientSink sink)
    {
        GradientPaths paths = pass.Program.PathsTo(selection);
        List<Tensor> ends = [], gradients = [];
        foreach ((int output, Tensor end, Tensor gradient) in starts)
        {
            ProgramValue value = pass.Program.Values[pass.Program.Outputs[output]];
            if (!paths.Reaches(value.Slot)) continue;
            if (!value.Batched)
                throw new TrakException(
                    $"The output '{value.Name}' {value} is the same for all examples, "
                    + "so a gradient through it cannot be kept apart by example; detach it in the task.");
            if (!end.requires_grad) continue;
            ends.Add(end);
            gradients.Add(gradient.reshape(end.shape).to_type(end.dtype));
        }

        ParameterGradient[] wanted = [.. pass.Gradients.Where(g => selection.Contains(g.Parameter))];
        if (ends.Count == 0 || wanted.Length == 0) return;
        pass.Backpropagated = true;
        IGrouping<object, ParameterGradient>[] points =
            [.. wanted.GroupBy<ParameterGradient, object>(static g => g.Point, ReferenceEqualityComparer.Instance)];
        TorchErrors.Backpropagate(ends, gradients, [.. points.Select(static p => (Tensor)p.Key)]);

        // The last layer's first, as they would come on the way back.
        using IDisposable constants = no_grad();
        foreach (IGrouping<object, ParameterGradient> point in points.Reverse())
        {
            using DisposeScope temporary = NewDisposeScope();
            if (((Tensor)point.Key).grad is not { } gradient) continue;
            foreach (ParameterGradient use in point) sink.Accept(use.Block(gradient, pass.Batch, selection.Offset(use.Parameter)));

            ((Tensor)point.Key).grad = null;
        }
    }
}
