using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Which stored arrays layers read as their weights and biases.</summary>
/// <param name="uses">Who reads what.</param>
internal sealed class LayerReads(ArrayUses uses)
{
    /// <summary>Whether a layer reads an array as its weight or bias. Layers read some weights turned or reshaped.</summary>
    /// <param name="name">The array.</param>
    /// <param name="values">Its numbers: ones as a normalization's scale and zeros as its bias fill in for a layer without any.</param>
    /// <param name="rows">Whether picking rows of it, as an embedding does, is reading it as a weight.</param>
    public bool IsLayers(string name, DataArray values, bool rows = true) => uses.EndsOf(name, picks: !rows).Any(r =>
        IsWeight(r.Node, r.Input, values) || IsBias(r.Node, r.Input, values));

    /// <summary>Whether a layer reads it, or it is added to or multiplied with what a layer has just made.</summary>
    public bool IsBesideLayer(string name, DataArray values) => IsLayers(name, values) || uses.EndsOf(name, picks: false).Any(r =>
        r.Node is { OpType: "Add" or "Mul", Inputs.Count: 2 }
        && uses.MakerOf(r.Node.Inputs[1 - r.Input]) is { OpType: "Conv" or "ConvTranspose" or "MatMul" or "Gemm" } layer
        && layer.Inputs.Skip(1).Any(i => uses.Stored(i) is { } weight && weight.Values.Type.IsFloat()));

    private static bool AllAre(DataArray values, float number) =>
        values.Type == ElementType.Float32 ? !values.Values<float>().ContainsAnyExcept(number) : values.ToFloats().All(v => v == number);

    private static bool IsWeight(GraphNode node, int input, DataArray values) => node.OpType switch
    {
        "MatMul" or "Gemm" or "Einsum" => true,
        "Conv" or "ConvTranspose" => input is 1 or 2,
        "PRelu" => input == 1,
        "Gather" => input == 0,
        "LayerNormalization" or "GroupNormalization" or "InstanceNormalization" or "RMSNormalization" or "BatchNormalization" =>
            (input == 1 && !AllAre(values, 1)) || (input == 2 && !AllAre(values, 0)),
        _ => false,
    };

    // x·W + b with a stored W [I, O]: b [O].
    private bool IsBias(GraphNode node, int input, DataArray values) =>
        node is { OpType: "Add", Inputs.Count: 2 }
        && uses.MakerOf(node.Inputs[1 - input]) is { OpType: "MatMul", Inputs.Count: 2 } product
        && uses.Stored(product.Inputs[1]) is { } weight && weight.Values.Shape.Count == 2
        && values.Shape.SequenceEqual([weight.Values.Shape[1]]);
}
