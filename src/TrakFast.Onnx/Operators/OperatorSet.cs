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

    public static Operator Create(GraphNode node, int opset) => Find(node.OpType)!(node, opset);

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
        _ => null,
    };
}
