namespace TrakFast.TorchSharp;

/// <summary>Notes the sizes that layers see, and changes nothing.</summary>
internal sealed class ShapeCapture : ICallWatcher
{
    /// <summary>Sizes of each layer's calls.</summary>
    public Dictionary<Layer, List<CallShape>> Shapes { get; } = [];

    /// <inheritdoc/>
    public object? See(Layer layer, object?[] arguments, object? result)
    {
        if (!Shapes.TryGetValue(layer, out List<CallShape>? calls)) Shapes.Add(layer, calls = []);
        calls.Add(new CallShape(
            [.. arguments.SelectMany(TensorTree.Leaves).Select(static t => t.shape)],
            [.. TensorTree.Leaves(result).Where(static t => t.is_floating_point()).Select(static t => t.shape)]));
        return result;
    }
}
