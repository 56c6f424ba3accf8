namespace TrakFast.Onnx;

/// <summary>
/// Exporters store settings that a node wants as floating-point numbers (the factors of a Resize, the bounds of a Clip)
/// beside the weights. What nothing but such inputs reads is a constant.
/// </summary>
internal static class StoredSettings
{
    public static IEnumerable<Initializer> Mark(
        IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphValue> outputs, IReadOnlyList<Initializer> initializers)
    {
        HashSet<string> settings = new(StringComparer.Ordinal), others = new(outputs.Select(static o => o.Name), StringComparer.Ordinal);
        foreach (GraphNode node in nodes)
        {
            for (int i = 0; i < node.Inputs.Count; i++) (IsSetting(node.OpType, i) ? settings : others).Add(node.Inputs[i]);
        }

        return initializers.Select(i => settings.Contains(i.Name) && !others.Contains(i.Name) ? i with { Constant = true } : i);
    }

    private static bool IsSetting(string type, int input) => type switch
    {
        "Resize" or "Clip" => input is 1 or 2,
        "Upsample" => input == 1,
        "Pad" or "OneHot" => input == 2,
        _ => false,
    };
}
