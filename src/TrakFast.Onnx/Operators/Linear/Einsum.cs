namespace TrakFast.Onnx;

/// <summary>
/// Einstein sums as transposes, reshapes and one matrix product, or one product of elements where
/// nothing is summed: labels of both operands and the result are its stack, labels of both alone are summed over.
/// </summary>
internal static class Einsum
{
    public static IReadOnlyList<GraphNode> Lower(NodeBuilder node)
    {
        if (node.InputCount < 1 || !Enumerable.Range(0, node.InputCount).All(node.Has))
            throw node.Refuse($"has {node.InputCount} operands; one or more are wanted");
        (string[] operands, string result) = Labels(node);
        Lowered parts = new(node);
        if (operands.Length > 2)
        {
            // The first two, keeping what the others or the result still want.
            string others = result + string.Concat(operands[2..]);
            string kept = string.Concat((operands[0] + operands[1]).Distinct().Where(others.Contains));
            string first = parts.Add(
                "Einsum", [node.Node.Inputs[0], node.Node.Inputs[1]],
                [new("equation", new TextAttribute($"{operands[0]},{operands[1]}->{kept}"))]);
            parts.Add(
                "Einsum", [first, .. node.Node.Inputs.Skip(2)],
                [new("equation", new TextAttribute($"{kept},{string.Join(',', operands[2..])}->{result}"))]);
            return parts.Finish();
        }

        string[] names = [.. node.Node.Inputs];
        for (int i = 0; i < names.Length; i++)
        {
            // What neither the result nor the other operand has is summed first.
            string other = result + (operands.Length == 2 ? operands[1 - i] : "");
            long[] gone = [.. operands[i]
                .Select(static (label, axis) => (label, axis))
                .Where(l => !other.Contains(l.label))
                .Select(static l => (long)l.axis)];
            if (gone.Length == 0) continue;
            names[i] = parts.Add("ReduceSum", [names[i], .. node.Opset < 13 ? Array.Empty<string>() : [parts.Integers(gone)]],
                [
                    new("keepdims", new IntegerAttribute(0)),
                    .. node.Opset < 13 ? [new("axes", new IntegersAttribute(gone))] : Array.Empty<KeyValuePair<string, AttributeValue>>()
                ]);
            operands[i] = string.Concat(operands[i].Where(other.Contains));
        }

        if (operands.Length == 1)
        {
            parts.Add("Transpose", [names[0]], [new("perm", Permutation(operands[0], result))]);
            return parts.Finish();
        }

        Dictionary<char, long> sizes = Sizes(node);
        string a = operands[0], b = operands[1];
        string stack = Only(result, l => a.Contains(l) && b.Contains(l)),
            rows = Only(result, l => !b.Contains(l)),
            columns = Only(result, l => !a.Contains(l)),
            summed = Only(a, l => !result.Contains(l));
        string product;
        if (summed.Length == 0)
        {
            string left = Arrange(names[0], a, stack + rows, [.. OwnSizes(node, 0, stack), .. Of(rows), .. columns.Select(static _ => 1L)]);
            string right = Arrange(
                names[1], b, stack + columns, [.. OwnSizes(node, 1, stack), .. rows.Select(static _ => 1L), .. Of(columns)]);
            product = parts.Add("Mul", [left, right]);
        }
        else
        {
            string left = Arrange(names[0], a, stack + rows + summed, [.. OwnSizes(node, 0, stack), Product(rows), Product(summed)]);
            string right = Arrange(names[1], b, stack + summed + columns, [.. OwnSizes(node, 1, stack), Product(summed), Product(columns)]);
            product = parts.Add("MatMul", [left, right]);
        }

        string whole = parts.Add("Reshape", [product, parts.Integers([.. Of(stack), .. Of(rows), .. Of(columns)])]);
        parts.Add("Transpose", [whole], [new("perm", Permutation(stack + rows + columns, result))]);
        return parts.Finish();

        string Arrange(string value, string labels, string order, long[] shape) =>
            parts.Add("Reshape", [parts.Add("Transpose", [value], [new("perm", Permutation(labels, order))]), parts.Integers(shape)]);
        IEnumerable<long> Of(string labels) => labels.Select(l => sizes[l]);
        long Product(string labels) => Shapes.Count(Of(labels));
        IEnumerable<long> OwnSizes(NodeBuilder node, int operand, string labels) =>
            labels.Select(l => node.Seen(node.Peek(operand))[All(node).Operands[operand].IndexOf(l)]);
    }

    private static string Only(string labels, Func<char, bool> which) => string.Concat(labels.Where(which));

    private static IntegersAttribute Permutation(string from, string to) => new([.. to.Select(l => (long)from.IndexOf(l))]);

    private static (string[] Operands, string Result) Labels(NodeBuilder node)
    {
        (string[] operands, string result) = All(node);
        foreach (string labels in operands.Append(result))
        {
            if (labels.Distinct().Count() != labels.Length)
                throw node.Refuse($"takes a diagonal in '{node.Node.Text("equation", "")}', which is not supported");
        }

        if (result.Any(l => !operands.Any(o => o.Contains(l))))
            throw node.Refuse($"names a result in '{node.Node.Text("equation", "")}' that no operand has");
        return (operands, result);
    }

    // An ellipsis becomes labels of its own, counted from the last axis it stands for.
    private static (string[] Operands, string Result) All(NodeBuilder node)
    {
        string equation = node.Node.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        string[] sides = equation.Split("->"), written = sides[0].Split(',');
        if (sides.Length > 2 || written.Length != node.InputCount)
            throw node.Refuse($"has the equation '{equation}' for {node.InputCount} operands");
        int longest = 0;
        string[] operands = [.. written.Select((labels, i) =>
        {
            int missing = node.Peek(i).Rank - labels.Replace("...", "", StringComparison.Ordinal).Length;
            longest = Math.Max(longest, missing);
            return missing < 0 || (missing > 0 && !labels.Contains("...", StringComparison.Ordinal))
                ? throw node.Refuse($"has the labels '{labels}' for {node.Peek(i)}")
                : labels.Replace("...", Dots(missing), StringComparison.Ordinal);
        })];
        string result = sides.Length == 2
            ? sides[1].Replace("...", Dots(longest), StringComparison.Ordinal)
            : Dots(longest) + string.Concat(string.Concat(operands)
                .GroupBy(static l => l)
                .Where(static g => g.Count() == 1 && g.Key < '\u0100')
                .Select(static g => g.Key)
                .Order());
        return (operands, result);
    }

    private static string Dots(int count) => string.Concat(Enumerable.Range(0, count).Select(i => (char)('\u0100' + count - 1 - i)));

    private static Dictionary<char, long> Sizes(NodeBuilder node)
    {
        Dictionary<char, long> sizes = [];
        (string[] operands, _) = All(node);
        for (int i = 0; i < operands.Length; i++)
        {
            long[] seen = node.Seen(node.Peek(i));
            for (int axis = 0; axis < seen.Length; axis++)
            {
                char label = operands[i][axis];
                if (sizes.TryGetValue(label, out long size) && size != seen[axis] && size != 1 && seen[axis] != 1)
                    throw node.Refuse(
                        $"has {string.Join(" and ", Enumerable.Range(0, node.InputCount).Select(node.Peek))} in "
                        + $"'{node.Node.Text("equation", "")}', which do not fit");
                sizes[label] = Math.Max(sizes.GetValueOrDefault(label, 1), seen[axis]);
            }
        }

        return sizes;
    }
}
