using TrakFast.Onnx.Programs;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>The operators in torch. What an operator's shapes, axes and indices come to, the managed operator has worked out.</summary>
internal static class TorchOperatorSet
{
    /// <summary>What a step does.</summary>
    public static TorchOperator Of(GraphStep step) => step.IsView ? TorchLayout.View : step.Facts switch
    {
        RowNormalizationFacts => TorchNormalization.Rows,
        PicksFacts => TorchLayout.Pick,
        RearrangementFacts => TorchLayout.Rearrange,
        RowsFacts => TorchIndexing.Rows,
        AxisFacts => TorchRows.Exponentials,
        ReductionFacts => TorchReductions.Of(step.Node.OpType),
        ResamplingFacts => TorchResampling.Resize,
        _ => ByName(step),
    };

    private static TorchOperator ByName(GraphStep step) => step.Node.OpType switch
    {
        "Gemm" => TorchLinear.Gemm,
        "MatMul" => TorchLinear.MatMul,
        "Conv" => TorchConvolution.Forward,
        "ConvTranspose" => TorchConvolution.Transposed,
        "BatchNormalization" => TorchNormalization.Batch,
        "LRN" => TorchNormalization.LocalResponse,
        "MaxPool" => TorchPooling.Max,
        "AveragePool" => TorchPooling.Average,
        "GlobalAveragePool" => TorchPooling.GlobalAverage,
        "GlobalMaxPool" => TorchPooling.GlobalMax,
        "Transpose" => TorchLayout.Transpose,
        "Concat" => TorchLayout.Concat,
        "Expand" => TorchLayout.Expand,
        "Trilu" => TorchLayout.Trilu,
        "GatherElements" => TorchIndexing.GatherElements,
        "ScatterElements" => TorchIndexing.ScatterElements,
        "GatherND" => TorchIndexing.GatherSlices,
        "ScatterND" => TorchIndexing.ScatterSlices,
        "OneHot" => TorchIndexing.OneHot,
        "ArgMax" or "ArgMin" => TorchRows.ArgMax,
        "TopK" => TorchRows.TopK,
        "CumSum" => TorchRows.CumSum,
        "Add" => static s => s.Aligned(0) + s.Aligned(1),
        "Sub" => static s => s.Aligned(0) - s.Aligned(1),
        "Mul" => static s => s.Aligned(0) * s.Aligned(1),
        "Div" => TorchElementwise.Divide,
        "Pow" => TorchElementwise.Pow,
        "Mod" => static s => s.Aligned(0).remainder(s.Aligned(1)),
        "Max" => static s => s.Aligned(0).maximum(s.Aligned(1)),
        "Min" => static s => s.Aligned(0).minimum(s.Aligned(1)),
        "PRelu" => TorchElementwise.PRelu,
        "Where" => TorchElementwise.Where,
        "Equal" => static s => s.Aligned(0).eq(s.Aligned(1)).to_type(ScalarType.Float32),
        "Greater" => static s => s.Aligned(0).gt(s.Aligned(1)).to_type(ScalarType.Float32),
        "GreaterOrEqual" => static s => s.Aligned(0).ge(s.Aligned(1)).to_type(ScalarType.Float32),
        "Less" => static s => s.Aligned(0).lt(s.Aligned(1)).to_type(ScalarType.Float32),
        "LessOrEqual" => static s => s.Aligned(0).le(s.Aligned(1)).to_type(ScalarType.Float32),
        "And" => static s => s.Aligned(0) * s.Aligned(1),
        "Or" => static s => s.Aligned(0).maximum(s.Aligned(1)),
        "Xor" => static s => (s.Aligned(0) - s.Aligned(1)).abs(),
        "Cast" or "CastLike" => TorchElementwise.Cast,
        "Clip" => TorchElementwise.Clip,
        "ConstantOfShape" => TorchConstants.Filled,
        "EyeLike" => TorchConstants.Diagonal,
        string type => TorchElementwise.Function(type)
            ?? throw new TrakException(
                $"The engine torch does not know the operator {type} of '{step.Node.Name}'; the managed engine does."),
    };
}
