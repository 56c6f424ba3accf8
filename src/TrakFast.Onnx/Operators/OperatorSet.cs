namespace TrakFast.Onnx;

/// <summary>The operators that can be run and differentiated.</summary>
internal static class OperatorSet
{
    public static void RefuseUnknown(OnnxGraph graph)
    {
        IGrouping<string, GraphNode>[] unknown = [.. graph.Nodes.Where(static n => Find(n.OpType) is null && !Lowering.Knows(n.OpType)).GroupBy(static n => n.OpType)];
        if (unknown.Length == 0) return;
        string list = string.Join("; ", unknown.Select(static g => $"{g.Key} ({string.Join(", ", g.Select(static n => $"'{n.Name}'"))})"));
        throw new TrakException($"{graph.Name} uses operators that are not supported: {list}.");
    }

    /// <summary>Whether each output of such a node is made by an operator of its own.</summary>
    public static bool HasSeveralOutputs(string type) => type is "Split" or "TopK";

    /// <summary>Makes a node executable.</summary>
    public static Operator Create(NodeBuilder node) => Find(node.Node.OpType)!(node);

    private static Func<NodeBuilder, Operator>? Find(string type) => type switch
    {
        "Gemm" => static n => new Gemm(n),
        "MatMul" => static n => new MatMul(n),
        "Conv" => static n => new Conv(n),
        "BatchNormalization" => static n => new BatchNormalization(n),
        "Relu" => static n => new Unary<ReluFunction>(n, default),
        "LeakyRelu" => static n => new Unary<LeakyReluFunction>(n, new LeakyReluFunction(n.Node.Number("alpha", 0.01f))),
        "Sigmoid" => static n => new Unary<SigmoidFunction>(n, default),
        "Tanh" => static n => new Unary<TanhFunction>(n, default),
        "Erf" => static n => new Unary<ErfFunction>(n, default),
        "Sqrt" => static n => new Unary<SqrtFunction>(n, default),
        "Exp" => static n => new Unary<ExpFunction>(n, default),
        "Neg" => static n => new Unary<NegateFunction>(n, default, static v => unchecked(-v)),
        "Gelu" => static n => Gelu.Create(n),
        "Pow" => static n => Pow.Create(n),
        "Add" => static n => new Add(n),
        "Sub" => static n => new Subtract(n),
        "Mul" => static n => new Multiply(n),
        "Div" => static n => new Divide(n),
        "MaxPool" => static n => new MaxPool(n),
        "AveragePool" => static n => new AveragePool(n),
        "GlobalAveragePool" => static n => new GlobalAveragePool(n),
        "GlobalMaxPool" => static n => new GlobalMaxPool(n),
        "Flatten" => static n => new Flatten(n),
        "Reshape" => static n => new Reshape(n),
        "Transpose" => static n => new Transpose(n),
        "Identity" => static n => new Identity(n),
        "Dropout" => static n => new Dropout(n),
        "Softmax" => static n => new Softmax(n),
        "LogSoftmax" => static n => new LogSoftmax(n),
        "ReduceMean" => static n => new Reduce(n, firstWithInput: 18, mean: true),
        "ReduceSum" => static n => new Reduce(n, firstWithInput: 13, mean: false),
        "ReduceMax" => static n => new ReduceMax(n),
        "ReduceL2" => static n => new ReduceL2(n),
        "ReduceProd" => static n => new ReduceProd(n),
        "Elu" => static n => new Unary<EluFunction>(n, EluFunction.Elu(n.Node.Number("alpha", 1))),
        "Selu" => static n => new Unary<EluFunction>(n, EluFunction.Selu(n.Node.Number("alpha", 1.67326319f), n.Node.Number("gamma", 1.05070102f))),
        "Celu" => static n => new Unary<EluFunction>(n, EluFunction.Celu(n.Node.Number("alpha", 1))),
        "PRelu" => static n => new PRelu(n),
        "Softplus" => static n => new Unary<SoftplusFunction>(n, default),
        "Softsign" => static n => new Unary<SoftsignFunction>(n, default),
        "Mish" => static n => new Unary<MishFunction>(n, default),
        "HardSigmoid" => static n => new Unary<HardSigmoidFunction>(n, new HardSigmoidFunction(n.Node.Number("alpha", 0.2f), n.Node.Number("beta", 0.5f))),
        "HardSwish" => static n => new Unary<HardSwishFunction>(n, default),
        "Clip" => static n => Clip.Create(n),
        "Log" => static n => new Unary<LogFunction>(n, default),
        "Abs" => static n => new Unary<AbsFunction>(n, default, static v => v < 0 ? unchecked(-v) : v),
        "Reciprocal" => static n => new Unary<ReciprocalFunction>(n, default),
        "LayerNormalization" => static n => new LayerNormalization(n),
        "InstanceNormalization" => static n => new InstanceNormalization(n),
        "Squeeze" => static n => new Squeeze(n),
        "Unsqueeze" => static n => new Unsqueeze(n),
        "Concat" => static n => new Concat(n),
        "Slice" => static n => new Slice(n),
        "Split" => static n => new Split(n),
        "Gather" => static n => Gather.Create(n),
        "Pad" => static n => new Pad(n),
        "Expand" => static n => new Expand(n),
        "DepthToSpace" => static n => new DepthToSpace(n),
        "SpaceToDepth" => static n => new SpaceToDepth(n),
        "Shape" => static n => new ShapeOf(n),
        "ConstantOfShape" => static n => new ConstantOfShape(n),
        "Range" => static n => new RangeOf(n),
        "Cast" => static n => new Cast(n),
        "CastLike" => static n => Cast.Like(n),
        "Equal" => static n => new Comparison<EqualFunction>(n, static (a, b) => a == b ? 1 : 0),
        "Greater" => static n => new Comparison<GreaterFunction>(n, static (a, b) => a > b ? 1 : 0),
        "GreaterOrEqual" => static n => new Comparison<GreaterOrEqualFunction>(n, static (a, b) => a >= b ? 1 : 0),
        "Less" => static n => new Comparison<LessFunction>(n, static (a, b) => a < b ? 1 : 0),
        "LessOrEqual" => static n => new Comparison<LessOrEqualFunction>(n, static (a, b) => a <= b ? 1 : 0),
        "And" => static n => new Comparison<AndFunction>(n, static (a, b) => a & b),
        "Or" => static n => new Comparison<OrFunction>(n, static (a, b) => a | b),
        "Xor" => static n => new Comparison<XorFunction>(n, static (a, b) => a ^ b),
        "Not" => static n => new Unary<NotFunction>(n, default, static v => v == 0 ? 1 : 0),
        "Mod" => static n => new Modulo(n),
        "Where" => static n => new Where(n),
        "Tile" => static n => Tile.Create(n),
        "Trilu" => static n => new Trilu(n),
        "CumSum" => static n => new CumSum(n),
        "ArgMax" => static n => new ArgMax(n, smallest: false),
        "ArgMin" => static n => new ArgMax(n, smallest: true),
        "OneHot" => static n => new OneHot(n),
        "GatherElements" => static n => new GatherElements(n),
        "ScatterElements" => static n => new ScatterElements(n),
        "GatherND" => static n => new GatherND(n),
        "ScatterND" => static n => new ScatterND(n),
        _ => null,
    };
}
