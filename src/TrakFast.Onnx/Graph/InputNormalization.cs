using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Finds the constants that bring a model's input to mean 0 and variance 1 inside the model: the first thing that happens to an
/// input, (x − m) / s with one number for a channel or for all, or x − m for an image's channels. A trained layer multiplies and adds.
/// </summary>
internal static class InputNormalization
{
    /// <summary>Names of the arrays that do, and of those that undo it for the model's output.</summary>
    /// <param name="uses">The graph's uses.</param>
    /// <param name="inputs">What a batch brings.</param>
    /// <param name="outputs">What the network yields.</param>
    public static IReadOnlySet<string> Find(ArrayUses uses, IReadOnlyList<GraphValue> inputs, IReadOnlyList<GraphValue> outputs)
    {
        HashSet<string> found = new(StringComparer.Ordinal), raw = new(inputs.Select(static i => i.Name), StringComparer.Ordinal);
        Dictionary<string, GraphValue> declared = inputs.ToDictionary(static i => i.Name, StringComparer.Ordinal);

        // Nodes come in any order; a chain from an input is short.
        Queue<string> open = new(raw);
        while (open.TryDequeue(out string? name))
        {
            foreach ((GraphNode node, int input) in uses.ReadersOf(name))
            {
                if (KeepsInput(node, input, uses))
                {
                    if (raw.Add(node.Outputs[0])) open.Enqueue(node.Outputs[0]);
                }
                else if (node is { OpType: "Sub", Inputs.Count: 2 } && input == 0 && node.HasOutput(0)
                    && uses.Stored(Source(node.Inputs[1], uses)) is { } mean
                    && IsPerChannel(mean, mean.Name == node.Inputs[1] ? declared.GetValueOrDefault(name) : null))
                {
                    // An image's channels, whose mean is called so.
                    if (BufferNames.IsCalledMean(mean.Name) && mean.Values.Shape.Count >= 3 && mean.Values.Length > 1) found.Add(mean.Name);
                    AddDivisors(node.Outputs[0], mean);
                }
            }
        }

        found.UnionWith(FindAtOutputs(uses, outputs, raw));
        return found;

        void AddDivisors(string centered, Initializer mean)
        {
            foreach ((GraphNode node, int input) in uses.EndsOf(centered, picks: false))
            {
                if (input != 0 || node.Inputs.Count != 2 || uses.Stored(Source(node.Inputs[1], uses)) is not { } scale
                    || !(scale.Values.Length == mean.Values.Length || scale.Values.Length == 1 || mean.Values.Length == 1)
                    || !IsPerChannel(scale, null) || Array.Exists(scale.Values.ToFloats(), static v => !(v > 0)))
                    continue;
                if (node.OpType == "Div" || (node.OpType == "Mul" && BufferNames.IsMean(mean.Name) && BufferNames.IsScale(scale.Name)))
                {
                    found.Add(mean.Name);
                    found.Add(scale.Name);
                }
            }
        }
    }

    // The last thing that happens to an output is y · s + m, and they are called a mean and a deviation. raw: values that no weight is in.
    private static IEnumerable<string> FindAtOutputs(ArrayUses uses, IEnumerable<GraphValue> outputs, IReadOnlySet<string> raw)
    {
        foreach (GraphValue output in outputs)
        {
            GraphNode? last = uses.MakerOf(output.Name);
            while (last is { Inputs.Count: > 0 } && ArrayUses.IsView(last)) last = uses.MakerOf(last.Inputs[0]);
            if (last is not { OpType: "Add", Inputs.Count: 2 }) continue;
            for (int i = 0; i < 2; i++)
            {
                if (uses.Stored(Source(last.Inputs[i], uses)) is not { Constant: false } mean || !BufferNames.IsCalledMean(mean.Name)
                    || uses.MakerOf(last.Inputs[1 - i]) is not { OpType: "Mul", Inputs.Count: 2 } product)
                    continue;
                for (int j = 0; j < 2; j++)
                {
                    if (uses.Stored(Source(product.Inputs[j], uses)) is { Constant: false } scale && BufferNames.IsScale(scale.Name)
                        && !raw.Contains(product.Inputs[1 - j]) && scale.Values.Length == mean.Values.Length
                        && !Array.Exists(scale.Values.ToFloats(), static v => !(v > 0)))
                    {
                        yield return mean.Name;
                        yield return scale.Name;
                    }
                }
            }
        }
    }

    // What is done to an input before it is normalized: its type, its layout, a division by 255.
    private static bool KeepsInput(GraphNode node, int input, ArrayUses uses)
    {
        if (input == 0 && (ArrayUses.IsView(node) || node.OpType is "Slice" or "Clip" or "Resize" or "Pad") && node.HasOutput(0))
            return true;
        return node is { OpType: "Mul" or "Div" or "Add" or "Sub", Inputs.Count: 2 } && node.HasOutput(0)
            && uses.Stored(node.Inputs[1 - input]) is { Values.Length: 1 } number
            && (number.Constant || GeneratedNames.Contains(number.Name));
    }

    /// <summary>The stored array that a value is in other words: behind views, √(v + ε) and 1 / s.</summary>
    /// <param name="name">The value.</param>
    /// <param name="uses">The graph's uses.</param>
    public static string Source(string name, ArrayUses uses)
    {
        for (int depth = 0; depth < 8 && uses.MakerOf(name) is { } node; depth++)
        {
            bool own = node.OpType is "Sqrt" or "Clip" or "Reciprocal" || ArrayUses.IsView(node) || node.OpType == "Expand";
            if (own) name = node.Inputs.Count > 0 ? node.Inputs[0] : "";
            else if (node is { OpType: "Add" or "Max", Inputs.Count: 2 }
                && uses.Stored(node.Inputs[1]) is { Values.Length: 1, Constant: true })
                name = node.Inputs[0];
            else if (node is { OpType: "Div", Inputs.Count: 2 } && uses.Stored(node.Inputs[0]) is { Values.Length: 1, Constant: true })
                name = node.Inputs[1];
            else break;
        }

        return name;
    }

    private static bool IsPerChannel(Initializer array, GraphValue? input)
    {
        if (array.Constant || !array.Values.Type.IsFloat() || array.Values.Length == 0 || array.Values.Shape.Count(static s => s != 1) > 1)
            return false;
        if (array.Values.Length == 1 || input?.Shape is not { } shape) return true;

        // Where the array is wider than the input, it is no normalization of it but a set of centers.
        IReadOnlyList<long> own = array.Values.Shape;
        if (own.Count > shape.Count) return false;
        for (int axis = 1; axis <= own.Count; axis++)
        {
            if (own[^axis] != 1 && shape[^axis] is { } size && size != own[^axis]) return false;
        }

        return true;
    }
}
