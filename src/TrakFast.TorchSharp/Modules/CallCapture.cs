using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// Keeps what layers read and gave, as places in autograd's graph at which the backward pass leaves δ. All parameters are frozen, so
/// the graph starts at the first layer that is kept.
/// </summary>
internal sealed class CallCapture : ICallWatcher
{
    private readonly HashSet<Layer> _layers;
    private readonly TorchPass _pass;
    private readonly Dictionary<Layer, int> _counts = [];

    /// <param name="layers">The layers to keep.</param>
    /// <param name="pass">Owns what is kept.</param>
    public CallCapture(HashSet<Layer> layers, TorchPass pass) => (_layers, _pass) = (layers, pass);

    /// <summary>The calls so far.</summary>
    public List<LayerCall> Calls { get; } = [];

    /// <inheritdoc/>
    public object? See(Layer layer, object?[] arguments, object? result)
    {
        if (!_layers.Contains(layer)) return result;

        // What a known layer needs for its gradients must not change after the call: autograd refuses that too.
        object?[] kept =
            [.. arguments.Select(a => TensorTree.Map(a, t => _pass.Own(layer.CopiesInputs ? t.detach().clone() : t.detach())))];
        List<Tensor> outputs = [];
        object? handed = TensorTree.Map(result, t =>
        {
            if (!t.is_floating_point()) return t;

            // A view is a place of its own: the gradient of one output must not hold what flows through another that is made of it.
            Tensor place = _pass.Own(t.requires_grad ? t.view_as(t) : t.detach().requires_grad_());
            outputs.Add(place);

            // An operation in place on a tensor moves its place in the graph behind that operation, so the model gets a copy.
            return place.clone();
        });
        int number = _counts.GetValueOrDefault(layer);
        _counts[layer] = number + 1;
        Calls.Add(new LayerCall(layer, number, kept, outputs));
        return handed;
    }
}
