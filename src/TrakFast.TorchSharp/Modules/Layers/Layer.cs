using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>A module whose parameters' gradients follow from what it read and from the gradient of what it gave.</summary>
internal abstract class Layer
{
    private readonly Dictionary<string, ModelParameter> _parameters;

    protected Layer(nn.Module module, Dictionary<string, ModelParameter> parameters) => (Module, _parameters) = (module, parameters);

    /// <summary>The module.</summary>
    public nn.Module Module { get; }

    /// <summary>The parameters that it owns itself.</summary>
    public IReadOnlyCollection<ModelParameter> Parameters => _parameters.Values;

    /// <summary>
    /// Whether any axes may stand before those that the layer works on, so that examples may share a call or stand on another axis.
    /// </summary>
    public virtual bool AnyLeadingAxes => false;

    /// <summary>
    /// Whether inputs must be copied when the layer reads them, because code that cannot be seen may change them in place later.
    /// </summary>
    public virtual bool CopiesInputs => false;

    /// <summary>Names of its parameters with the parameters.</summary>
    protected IReadOnlyDictionary<string, ModelParameter> Named => _parameters;

    /// <summary>Whether examples can be told apart in a call.</summary>
    public virtual bool Separates(CallGradient call) =>
        call.Inputs.Concat(call.Deltas.OfType<Operand>()).All(static o => o.Axis == 0 && o.Splits);

    /// <summary>One example of a call by itself.</summary>
    public virtual CallGradient Example(CallGradient call, int example) => call.Example(example);

    /// <summary>The gradients of one call in which examples can be told apart.</summary>
    public abstract IEnumerable<GradientPart> Parts(CallGradient call, Targets targets);

    /// <summary>A parameter's first coordinate, or false where its gradient is not wanted.</summary>
    protected bool Want(Targets targets, string name, out long offset) => targets.Want(_parameters.GetValueOrDefault(name), out offset);

    /// <summary>Whether inputs and outputs have their examples on the same axis, before the last <paramref name="width"/> ones.</summary>
    protected static bool SeparatesBefore(CallGradient call, int width)
    {
        Operand[] operands = [.. call.Inputs, .. call.Deltas.OfType<Operand>()];
        return operands.All(o => o.Splits && o.Axis == operands[0].Axis) && operands.All(o => o.Axis < o.Tensor.shape.Length - width);
    }

    /// <summary>[B, T, …] summed over T, with all axes but the last <paramref name="width"/> taken as T.</summary>
    protected static Tensor SumPositions(Tensor values, int width)
    {
        long[] shape = values.shape;
        return values.reshape([shape[0], -1, .. shape.AsSpan(shape.Length - width)]).sum(1L);
    }
}
