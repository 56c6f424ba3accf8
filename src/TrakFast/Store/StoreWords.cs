using TrakFast.Kernels;

namespace TrakFast;

/// <summary>The words by which options stand in the store's JSON and on the command line.</summary>
public static class StoreWords
{
    /// <summary><c>none</c>, <c>rademacher</c>, <c>gaussian</c>, <c>kronecker</c> or <c>sjlt</c>.</summary>
    public static string Of(ProjectionKind kind) => kind switch
    {
        ProjectionKind.None => "none",
        ProjectionKind.Rademacher => "rademacher",
        ProjectionKind.Gaussian => "gaussian",
        ProjectionKind.Kronecker => "kronecker",
        _ => "sjlt",
    };

    /// <summary><c>unit</c> or <c>trak</c>.</summary>
    public static string Of(ScoreScaling scaling) => scaling == ScoreScaling.TrakPython ? "trak" : "unit";

    /// <summary><c>trak</c> or <c>loss</c>.</summary>
    public static string Of(Weighting weighting) => weighting == Weighting.Loss ? "loss" : "trak";

    /// <summary><c>float32</c>, <c>float16</c> or <c>bfloat16</c>.</summary>
    public static string OfPrecision(ElementType precision) => precision switch
    {
        ElementType.Float16 => "float16",
        ElementType.BFloat16 => "bfloat16",
        _ => "float32",
    };

    internal static ElementType Precision(string word) => word switch
    {
        "float32" => ElementType.Float32,
        "float16" => ElementType.Float16,
        "bfloat16" => ElementType.BFloat16,
        _ => throw new TrakException($"There is no precision '{word}'; there are float32, bfloat16 and float16."),
    };

    /// <summary>MadryLab/trak calls a Gaussian matrix <c>normal</c> and no matrix <c>na</c>.</summary>
    internal static string TrakMatrixType(string projection) => projection switch
    {
        "gaussian" => "normal",
        "none" => "na",
        _ => projection,
    };
}
