using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// From δ at the outputs of layers to gradient blocks. The first pass for some parameters is checked against a plain backward pass
/// for one example; parameters whose gradients the layers do not account for are taken by running the whole model by example.
/// </summary>
internal sealed class ModuleBackward
{
    // A gradient of zero proves nothing, and some parameters have no other.
    private const int MostTries = 8;

    private readonly ModuleCaller _caller;
    private readonly LayerHooks _hooks;
    private readonly IReadOnlyDictionary<string, ModuleParameter> _parameters;
    private readonly ILogger _logger;
    private readonly double _tolerance;
    private readonly Dictionary<string, ExampleAxes> _axes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _checked = [];
    private readonly Dictionary<string, int> _tries = [];
    private readonly HashSet<string> _logged = [];
    private readonly HashSet<string> _added = [];
    private readonly HashSet<string> _notAdded = [];

    /// <param name="caller">The model.</param>
    /// <param name="hooks">Its hooks.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="uncovered">Parameters that no layer owns.</param>
    /// <param name="logger">Told which parameters are taken by running the whole model.</param>
    /// <param name="tolerance">Relative difference of a parameter's gradient that rounding explains.</param>
    public ModuleBackward(
        ModuleCaller caller, LayerHooks hooks, IReadOnlyDictionary<string, ModuleParameter> parameters,
        IEnumerable<string> uncovered, ILogger logger, double tolerance)
    {
        (_caller, _hooks, _parameters, _logger, _tolerance) = (caller, hooks, parameters, logger, tolerance);
        ByExample = [.. uncovered];
    }

    /// <summary>Parameters whose gradients are taken by running the whole model by example.</summary>
    public HashSet<string> ByExample { get; }

    /// <summary>Layers whose δ others need, whatever is selected.</summary>
    public HashSet<Layer> Partners { get; } = [];

    /// <summary>Whether it is known which layers account for the selected parameters, for inputs of these sizes.</summary>
    public bool Knows(ModuleRun run, ParameterSelection selection) => _axes.ContainsKey(run.Sizes)
        && selection.Parameters.All(
            p => _checked.Contains(p.Name) || ByExample.Contains(p.Name) || _tries.GetValueOrDefault(p.Name) >= MostTries);

    /// <summary>Hands out the gradient blocks of a pass that was backpropagated.</summary>
    public void Run(ModuleRun run, ParameterSelection selection, IGradientSink sink)
    {
        Tensor?[] outputs = [.. run.Starts.Select(static s => s.Place?.grad)];
        if (outputs.All(static o => o is null)) return;
        if (!Knows(run, selection)) Look(run, selection, outputs);
        Operand?[] deltas = Deltas(run, outputs);
        List<(LayerCall Call, CallGradient Gradient)> calls = Separate(run, selection);
        List<(ModuleParameter Parameter, Tensor Each)> added = Added(run, selection, deltas);
        Targets targets = new(selection, ByExample);
        for (int i = calls.Count - 1; i >= 0; i--)
        {
            (LayerCall call, CallGradient gradient) = calls[i];
            using (NewDisposeScope())
            {
                foreach (GradientPart part in call.Layer.Parts(gradient, targets)) Accept(part);
            }

            foreach (Operand? delta in gradient.Deltas) delta?.Tensor.Dispose();
            call.Free();
        }

        foreach ((ModuleParameter parameter, Tensor each) in added) Accept(new DensePart(selection.Offset(parameter.Parameter.Name), each));
        ModuleParameter[] rest = [.. ByExampleOf(selection).Except(added.Select(static a => a.Parameter)).Where(p => Reached(run, p))];
        if (rest.Length == 0) return;
        if (rest.Count(p => _logged.Add(p.Parameter.Name)) > 0)
            ModuleLog.RunsByExample(_logger, string.Join(", ", rest.Select(static p => p.Parameter.Name)));
        ExampleLoop.Run(_caller, _hooks, run, deltas, rest, selection, Accept);

        void Accept(GradientPart part) => sink.Accept(part.ToBlock());
    }

    /// <summary>The selected parameters that are taken by running the whole model by example.</summary>
    public IEnumerable<ModuleParameter> ByExampleOf(ParameterSelection selection) =>
        selection.Parameters.Where(p => ByExample.Contains(p.Name)).Select(p => _parameters[p.Name]);

    // Whether anything flows from the outputs to a parameter. Only where autograd followed it does the backward pass tell.
    private static bool Reached(ModuleRun run, ModuleParameter parameter)
    {
        if (!run.Followed.Contains(parameter)) return true;
        bool reached = parameter.Tensors.Any(static t => t.grad is not null);
        foreach (Tensor tensor in parameter.Tensors) tensor.grad = null;
        return reached;
    }

    // Parameters without a layer that are added to each example's part of a layer's output, such as positions. The first time it is
    // checked against an example by itself.
    private List<(ModuleParameter Parameter, Tensor Each)> Added(ModuleRun run, ParameterSelection selection, Operand?[] deltas)
    {
        List<(ModuleParameter Parameter, Tensor Each)> added = [];
        foreach (ModuleParameter parameter in ByExampleOf(selection).Where(run.Followed.Contains))
        {
            if (_notAdded.Contains(parameter.Parameter.Name) || parameter.Tensors is not [{ grad: { is_sparse: false } total }]) continue;
            if (BroadcastAddition.Find(total, Places(run)) is var (partner, each)
                && (_added.Contains(parameter.Parameter.Name) || IsGradient(each.select(0, 0), parameter)))
            {
                _added.Add(parameter.Parameter.Name);
                Partners.Add(partner);
                added.Add((parameter, each));
            }
            else
            {
                _notAdded.Add(parameter.Parameter.Name);
            }
        }

        return added;

        bool IsGradient(Tensor first, ModuleParameter parameter)
        {
            // Backward passes add to what is there, which is still to be read.
            Tensor? total = parameter.Tensors[0].grad;
            parameter.Tensors[0].grad = null;
            Tensor? truth = ExampleLoop.Gradients(_caller, _hooks, run, deltas, 0, [parameter])[0];
            parameter.Tensors[0].grad = total;
            double norm = truth?.norm().item<float>() ?? 0;
            return norm > 0 && (first.flatten() - truth!).norm().item<float>() <= _tolerance * norm;
        }
    }

    private IEnumerable<LayerCall> Used(ModuleRun run, ParameterSelection selection)
    {
        Targets targets = new(selection, ByExample);
        return run.Calls.Where(call => call.Layer.Parameters.Any(p => targets.Want(p, out _)));
    }

    // Finds where the examples are, and which parameters the layers account for.
    private void Look(ModuleRun run, ParameterSelection selection, Tensor?[] outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        ModuleParameter[] tested = [.. selection.Parameters.Where(p => !ByExample.Contains(p.Name)).Select(p => _parameters[p.Name])];
        ShapeCapture shapes = new();
        Tensor?[] truth;
        using (Tracking tracking = new(tested))
        {
            Tensor[] alone = _hooks.Watched(run.Batch > 1 ? shapes : null, () => _caller.Run(run.Example(0, 1)));
            Tensor[] others = run.Batch > 1 ? alone : _hooks.Watched(shapes, () => _caller.Run(run.Example(0, 2)));
            _axes[run.Sizes] = new ExampleAxes(run, shapes.Shapes, [.. others.Select(static o => o.shape)], run.Batch > 1 ? 1 : 2);
            CheckAlone(run, alone);
            truth = tracking.Gradients(alone, [.. Deltas(run, outputs).Select(static d => d?.Example(0).Tensor)]);
        }

        using IDisposable untracked = no_grad();
        Dictionary<long, List<GradientPart>> parts = [];
        foreach ((LayerCall call, CallGradient gradient) in Separate(run, selection)) Collect(call, gradient, selection, parts);
        double[] norms = [.. truth.Select(static t => t?.norm().item<float>() ?? 0)];
        double floor = norms.Length == 0 ? 0 : 1e-3 * _tolerance * norms.Where(double.IsFinite).DefaultIfEmpty().Max();
        for (int i = 0; i < tested.Length; i++)
        {
            ModelParameter parameter = tested[i].Parameter;
            _tries[parameter.Name] = _tries.GetValueOrDefault(parameter.Name) + 1;
            if (ByExample.Contains(parameter.Name) || !double.IsFinite(norms[i])) continue;
            using DisposeScope each = NewDisposeScope();
            long start = selection.Offset(parameter.Name);
            Tensor sum = zeros(parameter.Length, device: tested[i].Tensors[0].device);
            foreach (GradientPart part in parts.GetValueOrDefault(start, [])) part.AddTo(sum, start);
            double difference = (truth[i] is { } expected ? sum - expected : sum).norm().item<float>();
            if (!(difference <= (_tolerance * norms[i]) + floor)) ByExample.Add(parameter.Name);
            else if (norms[i] > 0) _checked.Add(parameter.Name);
        }
    }

    // Random values, and statistics over the batch that no layer tells of.
    private void CheckAlone(ModuleRun run, Tensor[] alone)
    {
        using IDisposable untracked = no_grad();
        for (int i = 0; i < run.Starts.Count && i < alone.Length; i++)
        {
            if (run.Starts[i].Place is not { } place
                || new Operand(place, _axes[run.Sizes].Outputs[i], run.Batch) is not { Splits: true } output)
                continue;
            Tensor together = CallGradient.Float(output.Example(0).Tensor);
            if (alone[i].numel() != together.numel()) continue;
            double norm = together.norm().item<float>(),
                difference = (together - CallGradient.Float(alone[i]).reshape(together.shape)).norm().item<float>();
            if (difference > (_tolerance * norm) + 1e-6)
                throw new TrakException(FormattableString.Invariant($"The output '{run.Starts[i].Name}' of the first example, of norm {norm:g4}, is {difference:g4} away from what the model gives that example by itself; a model must give each example the same in any batch, so look for random values and statistics over the batch."));
        }
    }

    private void Collect(LayerCall call, CallGradient gradient, ParameterSelection selection, Dictionary<long, List<GradientPart>> parts)
    {
        try
        {
            foreach (GradientPart part in call.Layer.Parts(call.Layer.Example(gradient, 0), new Targets(selection, ByExample)))
            {
                long start = selection.MatrixAt(part.Offset).Offset;
                if (!parts.TryGetValue(start, out List<GradientPart>? list)) parts.Add(start, list = []);
                list.Add(part);
            }
        }
        catch (Exception exception) when (exception is ExternalException or ArgumentException or TrakException)
        {
            ByExample.UnionWith(call.Layer.Parameters.Select(static p => p.Name));
        }
    }

    // Calls in which the examples can be told apart. Parameters of other calls are taken by running the whole model.
    private List<(LayerCall Call, CallGradient Gradient)> Separate(ModuleRun run, ParameterSelection selection)
    {
        List<(LayerCall Call, CallGradient Gradient)> separate = [];
        List<(LayerCall Call, Operand[] Inputs, Operand? Delta)> shared = [];
        ExampleAxes axes = _axes[run.Sizes];
        foreach (LayerCall call in Used(run, selection))
        {
            Tensor?[] gradients = [.. call.Outputs.Select(static o => o.grad)];
            if (gradients.All(static g => g is null)) continue;
            if (axes.Of(call, run.Batch) is not { } operands)
            {
                shared.Add((call, [], null));
                continue;
            }

            CallGradient gradient = new(
                run.Batch, call.Arguments, operands.Inputs,
                [.. operands.Outputs.Select((o, i) => gradients[i] is { } delta ? o with { Tensor = delta } : null)]);
            if (call.Layer.Separates(gradient)) separate.Add((call, gradient));
            else shared.Add((call, operands.Inputs, gradient.Deltas is [{ } only] ? only : null));
        }

        foreach ((LayerCall call, Operand[] inputs, Operand? delta) in shared)
        {
            if (delta is not null && BroadcastAddition.Separate(call, inputs, delta, Places(run)) is var (partner, gradient))
            {
                Partners.Add(partner);
                separate.Add((call, gradient));
            }
            else
            {
                ByExample.UnionWith(call.Layer.Parameters.Select(static p => p.Name));
            }
        }

        return separate;
    }

    // δ of all calls with one output, selected or not.
    private IEnumerable<(Layer Layer, Operand Delta)> Places(ModuleRun run)
    {
        ExampleAxes axes = _axes[run.Sizes];
        foreach (LayerCall call in run.Calls)
        {
            if (call.Outputs is [{ } output] && output.grad is { } delta && axes.Of(call, run.Batch) is { } operands)
                yield return (call.Layer, operands.Outputs[0] with { Tensor = delta });
        }
    }

    private Operand?[] Deltas(ModuleRun run, Tensor?[] outputs) => [.. outputs.Select((delta, i) =>
    {
        if (delta is null) return null;
        Operand operand = new(delta, _axes[run.Sizes].Outputs[i], run.Batch);
        if (operand.Splits) return operand;
        if (delta.count_nonzero().item<long>() == 0) return null;
        string why = operand.Axis is null ? "tells by no axis which example is which" : "is the same for all examples";
        throw new TrakException(
            $"The output '{run.Starts[i].Name}' {Shapes.Text(run.Starts[i].Shape)} {why}, "
            + "so a gradient through it cannot be kept apart by example; detach it in the task.");
    })];
}
