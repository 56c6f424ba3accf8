using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// Any other module with parameters of its own: it is run again by itself for each example, with a plain backward pass from the
/// example's δ.
/// </summary>
internal class ReplayedLayer : Layer
{
    private readonly ModuleSignature _signature;
    private readonly LayerHooks _hooks;
    private readonly IReadOnlyDictionary<string, ModuleParameter> _tensors;

    public ReplayedLayer(
        nn.Module module, Dictionary<string, ModelParameter> parameters, ModuleSignature signature, LayerHooks hooks,
        IReadOnlyDictionary<string, ModuleParameter> tensors)
        : base(module, parameters) => (_signature, _hooks, _tensors) = (signature, hooks, tensors);

    public override bool CopiesInputs => true;

    public override bool Separates(CallGradient call) =>
        call.Inputs.All(static i => i.Axis < 0 || i.Splits) && call.Deltas.OfType<Operand>().All(static d => d.Splits);

    public override IEnumerable<GradientPart> Parts(CallGradient call, Targets targets)
    {
        ModuleParameter[] wanted = [.. Parameters.Where(p => targets.Want(p, out _)).Distinct().Select(p => _tensors[p.Name])];
        if (wanted.Length == 0) yield break;
        Tensor?[][] gradients = [.. Enumerable.Range(0, call.Batch).Select(b => Gradients(call, b, wanted))];
        for (int i = 0; i < wanted.Length; i++)
        {
            if (gradients.All(g => g[i] is null)) continue;
            ModelParameter parameter = wanted[i].Parameter;
            targets.Want(parameter, out long offset);
            yield return Part(
                call, offset, parameter,
                [.. gradients.Select(g => g[i] ?? zeros(parameter.Length, device: call.Deltas.OfType<Operand>().First().Tensor.device))]);
        }
    }

    /// <summary>The gradients of a parameter as a part.</summary>
    protected virtual GradientPart Part(CallGradient call, long offset, ModelParameter parameter, Tensor[] gradients) =>
        new DensePart(offset, stack(gradients));

    private Tensor?[] Gradients(CallGradient call, int example, ModuleParameter[] wanted)
    {
        using Tracking tracking = new(wanted);
        CallGradient one = Example(call, example);

        // The module may change its arguments.
        object? result = _hooks.Watched(
            null, () => _signature.Forward([.. one.Arguments.Select(static a => TensorTree.Map(a, static t => t.clone()))]));
        Tensor[] outputs = [.. TensorTree.Leaves(result).Where(static t => t.is_floating_point())];
        return tracking.Gradients(outputs, [.. one.Deltas.Select(static d => d?.Tensor)]);
    }
}
