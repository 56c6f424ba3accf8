using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>A graph's input or output as the file declares it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes, null where a size is free; null where the file says nothing.</param>
/// <param name="AxisNames">What the file calls the free sizes, null where it gives no name; null where none is named.</param>
public sealed record GraphValue(string Name, ElementType Type, IReadOnlyList<long?>? Shape, IReadOnlyList<string?>? AxisNames = null)
{
    /// <summary>The declared shape as people write it: <c>[?, 1, 8, 8]</c>.</summary>
    public string ShapeText => Shape is null ? "[…]" : $"[{string.Join(", ", Shape.Select(static s => s?.ToString() ?? "?"))}]";
}

/// <summary>A named array stored with the graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Its values.</param>
/// <param name="Constant">Whether it came from a Constant node, and so is no weight whatever it is used for.</param>
public sealed record Initializer(string Name, DataArray Values, bool Constant = false)
{
    /// <summary>
    /// What the exporter says of it: true for a parameter of the model, false for a buffer or a constant, null where it
    /// says nothing and the name must tell.
    /// </summary>
    public bool? Trained { get; init; }
}
