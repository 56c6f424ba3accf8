namespace TrakFast.Onnx;

/// <summary>
/// Tells names that an exporter made up from names of a state dict. PyTorch's TorchScript exporter writes
/// <c>onnx::MatMul_123</c>, <c>/path/Constant_output_0</c> and plain numbers; its exporter of traced programs writes
/// <c>val_12</c>, or the torch operation with a number, such as <c>scalar_tensor_default_3</c>. A state dict may hold
/// names without a dot too (<c>logit_scale</c>, <c>w_1</c>), so that only names of operations are taken for made up.
/// </summary>
internal static class GeneratedNames
{
    /// <summary>How the TorchScript exporter names what it worked out of stored arrays.</summary>
    public const string Folded = "onnx::";

    // What the exporter of traced programs calls values, numbered from 0, and arrays without a name in the model.
    private static readonly HashSet<string> Values = new(
        [
            "val", "_val", "tmp", "const", "constant", "lifted_tensor", "c_lifted_tensor", "_lifted_tensor_constant",
            "_tensor_constant", "lifted_tensor_constant"
        ],
        StringComparer.Ordinal);

    // Torch operations whose results do not depend on an input, or may be worked out at export from others that do not.
    private static readonly HashSet<string> Operations = new(
        [
            "_to_copy", "_unsafe_view", "abs", "add", "alias", "arange", "as_strided", "bitwise_and", "bitwise_not", "bitwise_or", "bmm",
            "cat", "ceil", "clamp", "clamp_max", "clamp_min", "clone", "constant_pad_nd", "copy", "cos", "cumsum", "detach", "div",
            "einsum", "embedding", "empty", "empty_like", "eq", "erf", "exp", "exp2", "expand", "fill", "flip", "floor", "floor_divide",
            "full", "full_like", "gather", "ge", "getitem", "gt", "index", "index_put", "index_select", "le", "lift_fresh_copy", "linspace",
            "log", "log2", "logical_and", "logical_not", "logical_or", "lt", "masked_fill", "matmul", "maximum", "mean", "meshgrid",
            "minimum", "mm", "mul", "ne", "neg", "new_full", "new_ones", "new_zeros", "ones", "ones_like", "outer", "permute", "pow",
            "reciprocal", "remainder", "repeat", "reshape", "roll", "round", "rsqrt", "rsub", "scalar_tensor", "scatter", "select",
            "sigmoid", "sin", "slice", "softmax", "split", "sqrt", "squeeze", "stack", "sub", "sum", "tan", "tanh", "transpose", "tril",
            "triu", "true_divide", "unbind", "unflatten", "unsqueeze", "view", "where", "zeros", "zeros_like",
        ],
        StringComparer.Ordinal);

    private static readonly string[] Overloads = ["_default", "_tensor", "_scalar", "_int", "_self", "_start", "_start_step"];

    /// <summary>Whether the name is one that exporters give to what they worked out of stored arrays.</summary>
    public static bool IsWorkedOut(string name) => name.StartsWith(Folded, StringComparison.Ordinal)
        || (Contains(name)
            && (name.StartsWith("val_", StringComparison.Ordinal) || name.StartsWith("embedding", StringComparison.Ordinal)));

    /// <summary>Whether an exporter made the name up.</summary>
    public static bool Contains(string name)
    {
        if (name.StartsWith('/') || name.Contains("::", StringComparison.Ordinal) || name.All(char.IsAsciiDigit)) return true;
        if (name.Contains('.')) return false;
        string stem = name.TrimEnd([.. "0123456789"]);
        bool numbered = stem.Length < name.Length;
        if (numbered && Values.Contains(stem.TrimEnd('_'))) return true;
        if (numbered && !stem.EndsWith('_')) return false;
        stem = stem.TrimEnd('_');
        foreach (string overload in Overloads)
        {
            // What names an overload is nobody's own: mul_tensor, scalar_tensor_default.
            if (stem.EndsWith(overload, StringComparison.Ordinal) && Operations.Contains(stem[..^overload.Length])) return true;
        }

        // A number makes it an operation's result; bare words such as scale, sub or mean may be somebody's own.
        return numbered
            ? Operations.Contains(stem)
            : stem is "_to_copy" or "arange" or "clone" or "full" or "full_like" or "linspace" or "new_full"
                or "new_ones" or "new_zeros" or "ones" or "ones_like" or "scalar_tensor" or "zeros" or "zeros_like";
    }
}
