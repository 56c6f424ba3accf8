namespace TrakFast.Onnx;

/// <summary>The operators that can be run and differentiated.</summary>
internal static class OperatorSet
{
    public static void RefuseUnknown(OnnxGraph graph)
    {
        IGrouping<string, GraphNode>[] unknown = [.. graph.Nodes.Where(static n => Find(n.OpType) is null).GroupBy(static n => n.OpType)];
        if (unknown.Length == 0) return;
        string list = string.Join("; ", unknown.Select(static g => $"{g.Key} ({string.Join(", ", g.Select(static n => $"'{n.Name}'"))})"));
        throw new TrakException($"{graph.Name} uses operators that are not supported: {list}.");
    }

    /// <summary>One operator for each output; nearly all nodes have one.</summary>
    public static Operator[] Create(GraphNode node, int opset) => node.OpType == "Split"
        ? [.. Enumerable.Range(0, node.Outputs.Count).Select(output => new Split(node, opset, output))]
        : [Find(node.OpType)!(node, opset)];

    private static Func<GraphNode, int, Operator>? Find(string type) => type switch
    {
        "Gemm" => static (n, _) => new Gemm(n),
        "MatMul" => static (n, _) => new MatMul(n),
        "Conv" => static (n, _) => new Conv(n),
        "BatchNormalization" => static (n, opset) => new BatchNormalization(n, opset),
        "Relu" => static (n, _) => new Unary<ReluFunction>(n, default),
        "LeakyRelu" => static (n, _) => new Unary<LeakyReluFunction>(n, new LeakyReluFunction(n.Number("alpha", 0.01f))),
        "Sigmoid" => static (n, _) => new Unary<SigmoidFunction>(n, default),
        "Tanh" => static (n, _) => new Unary<TanhFunction>(n, default),
        "Erf" => static (n, _) => new Unary<ErfFunction>(n, default),
        "Sqrt" => static (n, _) => new Unary<SqrtFunction>(n, default),
        "Exp" => static (n, _) => new Unary<ExpFunction>(n, default),
        "Neg" => static (n, _) => new Unary<NegateFunction>(n, default),
        "Gelu" => static (n, opset) => Gelu.Create(n, opset),
        "Pow" => static (n, _) => new Pow(n),
        "Add" => static (n, _) => new Add(n),
        "Sub" => static (n, _) => new Subtract(n),
        "Mul" => static (n, _) => new Multiply(n),
        "Div" => static (n, _) => new Divide(n),
        "MaxPool" => static (n, _) => new MaxPool(n),
        "AveragePool" => static (n, opset) => new AveragePool(n, opset),
        "GlobalAveragePool" => static (n, _) => new GlobalAveragePool(n),
        "Flatten" => static (n, _) => new Flatten(n),
        "Reshape" => static (n, _) => new Reshape(n),
        "Transpose" => static (n, _) => new Transpose(n),
        "Identity" => static (n, _) => new Identity(n),
        "Dropout" => static (n, _) => new Dropout(n),
        "Softmax" => static (n, opset) => new Softmax(n, opset),
        "LogSoftmax" => static (n, opset) => new LogSoftmax(n, opset),
        "ReduceMean" => static (n, opset) => new Reduce(n, opset < 18, mean: true),
        "ReduceSum" => static (n, opset) => new Reduce(n, opset < 13, mean: false),
        "Elu" => static (n, _) => new Unary<EluFunction>(n, EluFunction.Elu(n.Number("alpha", 1))),
        "Selu" => static (n, _) => new Unary<EluFunction>(n, EluFunction.Selu(n.Number("alpha", 1.67326319f), n.Number("gamma", 1.05070102f))),
        "Celu" => static (n, _) => new Unary<EluFunction>(n, EluFunction.Celu(n.Number("alpha", 1))),
        "PRelu" => static (n, _) => new PRelu(n),
        "Softplus" => static (n, _) => new Unary<SoftplusFunction>(n, default),
        "Softsign" => static (n, _) => new Unary<SoftsignFunction>(n, default),
        "Mish" => static (n, _) => new Unary<MishFunction>(n, default),
        "HardSigmoid" => static (n, _) => new Unary<HardSigmoidFunction>(n, new HardSigmoidFunction(n.Number("alpha", 0.2f), n.Number("beta", 0.5f))),
        "HardSwish" => static (n, _) => new Unary<HardSwishFunction>(n, default),
        "Clip" => static (n, _) => new Clip(n),
        "Log" => static (n, _) => new Unary<LogFunction>(n, default),
        "Abs" => static (n, _) => new Unary<AbsFunction>(n, default),
        "Reciprocal" => static (n, _) => new Unary<ReciprocalFunction>(n, default),
        "GlobalMaxPool" => static (n, _) => new GlobalMaxPool(n),
        "LayerNormalization" => static (n, _) => new LayerNormalization(n),
        "InstanceNormalization" => static (n, _) => new InstanceNormalization(n),
        "ReduceMax" => static (n, opset) => new ReduceMax(n, opset < 18),
        "ReduceL2" => static (n, opset) => new ReduceL2(n, opset < 18),
        "ReduceProd" => static (n, opset) => new WholeProduct(n, opset < 18),
        "Squeeze" => static (n, opset) => new Squeeze(n, opset < 13),
        "Unsqueeze" => static (n, opset) => new Unsqueeze(n, opset < 13),
        "Concat" => static (n, _) => new Concat(n),
        "Slice" => static (n, _) => new Slice(n),
        "Split" => static (n, opset) => new Split(n, opset, 0),
        "Gather" => static (n, _) => new Gather(n),
        "Pad" => static (n, _) => new Pad(n),
        "Expand" => static (n, _) => new Expand(n),
        "DepthToSpace" => static (n, _) => new DepthToSpace(n),
        "SpaceToDepth" => static (n, _) => new SpaceToDepth(n),
        "Shape" => static (n, _) => new ShapeOf(n),
        "ConstantOfShape" => static (n, _) => new ConstantOfShape(n),
        "Cast" => static (n, _) => new Cast(n),
        "Equal" => static (n, _) => new WholeBinary(n, static (a, b) => a == b ? 1 : 0),
        "Greater" => static (n, _) => new WholeBinary(n, static (a, b) => a > b ? 1 : 0),
        "GreaterOrEqual" => static (n, _) => new WholeBinary(n, static (a, b) => a >= b ? 1 : 0),
        "Less" => static (n, _) => new WholeBinary(n, static (a, b) => a < b ? 1 : 0),
        "LessOrEqual" => static (n, _) => new WholeBinary(n, static (a, b) => a <= b ? 1 : 0),
        "Mod" => static (n, _) => WholeBinary.Remainder(n),
        "Where" => static (n, _) => new WholeWhere(n),
        _ => null,
    };
}
