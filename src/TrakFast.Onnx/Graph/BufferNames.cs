namespace TrakFast.Onnx;

/// <summary>Names that models give to what they do not train. A name alone decides nothing.</summary>
internal static class BufferNames
{
    /// <summary>Whether a normalization keeps its running statistics under the name.</summary>
    public static bool IsRunningStatistic(string name) =>
        Last(name) is "running_mean" or "running_var" or "moving_mean" or "moving_variance" or "moving_var";

    /// <summary>Whether a mean is called so.</summary>
    public static bool IsCalledMean(string name) => Has(name, "mean");

    /// <summary>Whether an input's mean is called so, or what is taken off it otherwise.</summary>
    public static bool IsMean(string name) => IsCalledMean(name) || Last(name) is "mu" or "shift" or "offset";

    /// <summary>Whether an input's standard deviation, or one by it, is called so.</summary>
    public static bool IsScale(string name) => Has(name, "std") || Has(name, "stdev") || Has(name, "invstd");

    private static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static bool Has(string name, string word) => Last(name).Split('_').Contains(word, StringComparer.Ordinal);
}
