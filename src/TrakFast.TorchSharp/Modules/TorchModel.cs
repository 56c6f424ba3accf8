using TorchSharp;
using TrakFast.Kernels;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// Any TorchSharp module, run and differentiated by torch. Hooks keep what layers read and gave; one backward pass leaves the
/// gradients of the layers' outputs, and no parameter's gradient is ever computed. While the model holds the module, all its
/// parameters are frozen and hold the weights that were loaded; <see cref="Dispose"/> gives the module back as it came: the same
/// parameter objects, which an optimizer goes on with, with their values, gradients and flags. For one caller at a time.
/// </summary>
public sealed class TorchModel : IModel
{
    private readonly ModuleCaller _caller;
    private readonly ModuleState _state;
    private readonly LayerHooks _hooks = new();
    private readonly List<Layer> _layers = [];
    private readonly (string Name, nn.Module Module)[] _modules;
    private readonly ModuleBackward _backward;
    private readonly Device _device;
    private readonly ElementType _passPrecision;
    private readonly ScalarType _precision;
    private readonly IReadOnlyList<string>? _outputs;
    private readonly ParameterSelection _all;
    private readonly List<ModuleRun> _runs = [];
    private readonly string _name;
    private readonly ModelParameter[] _parameters;
    private readonly string[] _inputs;
    private long _version;
    private bool _disposed;

    /// <summary>Takes hold of a module that is called with tensors alone.</summary>
    /// <param name="module">The module, in evaluation mode. It stays the caller's.</param>
    /// <param name="inputs">
    /// Names of the arrays of a batch that become its arguments, in order; null for one argument, <c>input</c>.
    /// </param>
    /// <param name="outputs">
    /// Names of the tensors that it gives, in order; null for <c>output</c>, or <c>output_0</c>, <c>output_1</c>, … for several.
    /// </param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="TrakException">The module cannot be called so, or the device is not there.</exception>
    public TorchModel(
        nn.Module module, IReadOnlyList<string>? inputs = null, IReadOnlyList<string>? outputs = null, TorchOptions? options = null)
        : this(module, inputs ?? ["input"], outputs, options ?? new TorchOptions(), null)
    {
    }

    /// <summary>Takes hold of a module that is run by a function, for arguments and results of other kinds.</summary>
    /// <param name="module">The module whose parameters these are, in evaluation mode. It stays the caller's.</param>
    /// <param name="forward">
    /// Runs the module on a batch: tensors by input name, [B, …], to its outputs. It must treat each example alike, whatever the batch.
    /// </param>
    /// <param name="inputs">Names of the arrays of a batch that the function reads.</param>
    /// <param name="outputs">
    /// Names of the tensors that it gives, in order; null for <c>output</c>, or <c>output_0</c>, <c>output_1</c>, … for several.
    /// </param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="TrakException">The device is not there.</exception>
    public TorchModel(
        nn.Module module,
        Func<IReadOnlyDictionary<string, Tensor>, IReadOnlyList<Tensor>> forward,
        IReadOnlyList<string> inputs,
        IReadOnlyList<string>? outputs = null,
        TorchOptions? options = null)
        : this(
            module, inputs ?? throw new ArgumentNullException(nameof(inputs)), outputs, options ?? new TorchOptions(),
            forward ?? throw new ArgumentNullException(nameof(forward)))
    {
    }

    private TorchModel(
        nn.Module module, IReadOnlyList<string> inputs, IReadOnlyList<string>? outputs, TorchOptions options,
        Func<IReadOnlyDictionary<string, Tensor>, IReadOnlyList<Tensor>>? forward)
    {
        ArgumentNullException.ThrowIfNull(module);
        TorchLibrary.Require();
        _name = module is jit.ScriptModule ? "(TorchScript)" : module.GetType().Name;
        _caller = forward is null ? ModuleCaller.Of(_name, module, inputs) : ModuleCaller.Of(_name, forward);
        _device = TorchDevice.Parse(options.Device);
        _precision = options.Type;
        _passPrecision = options.Precision;
        (_inputs, _outputs) = ([.. inputs], outputs);
        _state = new ModuleState(_name, module, _device, _precision);
        _modules = module is jit.ScriptModule
            ? [("", module)]
            : [.. module.named_modules().Prepend((name: "", module)).DistinctBy(static m => m.module, ReferenceEqualityComparer.Instance)];
        _parameters = [.. _state.Parameters.Values.Select(static p => p.Parameter)];
        _all = ParameterSelection.All(_parameters);
        try
        {
            AddLayers(module);
        }
        catch
        {
            Dispose();
            throw;
        }

        HashSet<string> covered = [.. _layers.SelectMany(static l => l.Parameters).Select(static p => p.Name)];
        double tolerance = _precision == ScalarType.Float32 && _device.type == DeviceType.CPU ? 1e-3
            : _precision == ScalarType.Float32 ? 1e-2
            : 1e-1;
        _backward = new ModuleBackward(
            _caller, _hooks, _state.Parameters,
            _parameters.Select(static p => p.Name).Where(n => !covered.Contains(n)), options.Logger, tolerance);
    }

    /// <inheritdoc/>
    public string Engine => Alive("torch");

    /// <inheritdoc/>
    public ElementType PassPrecision => Alive(_passPrecision);

    /// <inheritdoc/>
    public MemorySpace BlockSpace => TorchDevice.Space(Alive(_device));

    /// <inheritdoc/>
    public IReadOnlyList<ModelParameter> Parameters => Alive(_parameters);

    /// <inheritdoc/>
    public IReadOnlyList<string> Inputs => Alive(_inputs);

    /// <summary>
    /// SHA-256 over the names, shapes and values of the weights in use, trainable and not, as lower-case hex. Worked out at each
    /// call: the module is the caller's, who may change it.
    /// </summary>
    public string WeightHash => ModuleCheckpoint.Hash(Alive(_state));

    /// <inheritdoc/>
    public void Load(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ModuleCheckpoint.Load(_name, _state, checkpoint);
        _version++;
    }

    /// <inheritdoc/>
    public ModelResult Forward(Batch batch, ParameterSelection? selection = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (batch.Size == 0) throw new TrakException("The batch has no examples.");
        ModuleMode.Check(_modules);
        _runs.RemoveAll(static run => run.Pass.Disposed);
        TorchPass pass = new() { Batch = batch.Size, Version = _version };
        try
        {
            Run(pass, ModuleInputs.Read(_name, _inputs, batch, _device, _precision), selection ?? _all);
            return pass;
        }
        catch
        {
            pass.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Backward(Variable outputs, ParameterSelection selection, IGradientSink sink)
    {
        ArgumentNullException.ThrowIfNull(selection);
        ArgumentNullException.ThrowIfNull(sink);
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor f = TorchVariable.OfOutputs(outputs);
        if (!f.requires_grad) return;
        using DisposeScope scope = NewDisposeScope();
        Tensor root;
        using (enable_grad()) root = f.sum();
        ModuleRun run = RunOf(root);
        PassRules.Check(run.Pass.Version == _version, run.Pass.Backpropagated, run.Selection, selection);
        if (selection.Parameters.Count == 0) return;
        run.Pass.Backpropagated = true;
        try
        {
            TorchErrors.Backpropagate(
                [root], null,
                [
                    .. run.Starts.Select(static s => s.Place).OfType<Tensor>(),
                    .. run.Calls.SelectMany(static c => c.Outputs),
                    .. run.Followed.SelectMany(static p => p.Tensors)
                ]);
            using IDisposable untracked = no_grad();
            _backward.Run(run, selection, sink);
        }
        finally
        {
            foreach (Tensor tensor in run.Followed.SelectMany(static p => p.Tensors)) tensor.grad = null;
        }
    }

    /// <summary>
    /// Gives the module back as it came: its own parameter objects with the values that they had, their gradients and flags. The weights
    /// that were loaded are not left in it.
    /// </summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _hooks.Dispose();
        _state.Dispose();
    }

    private T Alive<T>(T value)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return value;
    }

    private void AddLayers(nn.Module root)
    {
        foreach ((string name, nn.Module module) in _modules)
        {
            if (module is jit.ScriptModule || ModuleSignature.Of(module) is not { } signature) continue;
            Dictionary<string, ModelParameter> own = new(StringComparer.Ordinal);
            foreach ((string local, _) in module.named_parameters(recurse: false))
            {
                if (_state.ByAnyName.TryGetValue(name.Length == 0 ? local : $"{name}.{local}", out ModelParameter? parameter))
                    own.Add(local, parameter);
            }

            if (own.Count == 0) continue;
            Layer layer = LayerKinds.Of(module, own, signature, _hooks, _state.Parameters);

            // Running the model itself again is what is done for parameters without a layer.
            if (module == root && layer is ReplayedLayer) continue;
            _layers.Add(layer);
            _hooks.Add(layer, signature);
        }
    }

    private void Run(TorchPass pass, IReadOnlyDictionary<string, Tensor> inputs, ParameterSelection selection)
    {
        ModuleRun run = new() { Pass = pass, Selection = selection, Inputs = inputs };
        Targets targets = new(selection, _backward.ByExample);
        HashSet<Layer> layers = [.. _layers.Where(l => l.Parameters.Any(p => targets.Want(p, out _)))];
        if (layers.Count > 0)
        {
            // The first time, what a layer's output is added to may lie in any other.
            layers.UnionWith(_backward.Knows(run, selection) ? _backward.Partners : _layers);

            // The graph exists anyway, and tells whether anything flows to these.
            run.Followed = [.. _backward.ByExampleOf(selection)];
            foreach (Tensor tensor in run.Followed.SelectMany(static p => p.Tensors)) tensor.requires_grad = true;
        }

        CallCapture capture = new(layers, pass);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = set_grad_enabled(layers.Count > 0);
        Tensor[] outputs = _hooks.Watched(layers.Count > 0 ? capture : null, () => _caller.Run(run.Copy()));
        run.Calls = capture.Calls;
        if (_outputs is not null && _outputs.Count != outputs.Length)
            throw new TrakException(
                $"The model {_name} gives {outputs.Length} tensors, "
                + $"and {_outputs.Count} outputs are named ({string.Join(", ", _outputs)}).");
        using IDisposable tracked = enable_grad();
        for (int i = 0; i < outputs.Length; i++)
        {
            Tensor output = outputs[i];
            string name = _outputs?[i] ?? (outputs.Length == 1 ? "output" : $"output_{i}");
            Tensor? place = output.is_floating_point()
                ? pass.Own(output.requires_grad ? output.view_as(output) : output.detach().requires_grad_())
                : null;
            Tensor values = place is null || output.dtype != ScalarType.Float32
                ? (place ?? output).to_type(ScalarType.Float32)
                : place.clone();
            pass.Add(name, new TorchVariable(pass.Own(values)));
            run.Starts.Add(new OutputPlace(name, output.shape, place));
        }

        _runs.Add(run);
    }

    // The pass that the outputs come from. Which it is of several that are alive, only the graph knows.
    private ModuleRun RunOf(Tensor root)
    {
        _runs.RemoveAll(static run => run.Pass.Disposed);
        if (_runs.Count == 1) return _runs[0];
        List<Tensor> places = [.. _runs
            .Where(static r => !r.Pass.Backpropagated)
            .SelectMany(static r => r.Starts)
            .Select(static s => s.Place)
            .OfType<Tensor>()];
        if (places.Count > 0) TorchErrors.Backpropagate([root], null, places, keep: true);
        ModuleRun[] from = [.. _runs.Where(static r => !r.Pass.Backpropagated && r.Starts.Any(static s => s.Place?.grad is not null))];
        foreach (Tensor place in places) place.grad = null;
        return from.Length switch
        {
            1 => from[0],
            0 when _runs.Any(static r => r.Pass.Backpropagated) => throw PassRules.BackpropagatedTwice(),
            _ => throw new ArgumentException("The outputs must come from one forward pass of this model that is alive.", "outputs"),
        };
    }
}
