namespace TrakFast.Onnx;

/// <summary>
/// Draws a model's weights as PyTorch does by default: uniform in ±1/√fan-in for the weights of Gemm, MatMul and Conv and
/// for their biases, 1 and 0 for the scale and the bias of BatchNormalization. Other parameters stay as they are. The
/// numbers are a pure function of the seed, the same on every machine.
/// </summary>
public static unsafe class WeightInitializer
{
    /// <summary>Draws the weights anew.</summary>
    /// <param name="model">The model whose weights are replaced.</param>
    /// <param name="seed">The seed.</param>
    public static void Initialize(OnnxModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = model.Graph;
        Dictionary<string, int> places = [];
        for (int i = 0; i < graph.Initializers.Count; i++) places.Add(graph.Initializers[i].Name, i);
        Dictionary<string, long> widths = new(StringComparer.Ordinal);
        foreach (GraphNode node in graph.Nodes)
        {
            switch (node.OpType)
            {
                case "Gemm" or "MatMul" or "Conv" when places.TryGetValue(node.Inputs[1], out int place):
                    long fanIn = FanIn(node, graph.Initializers[place].Values);
                    Draw(model, place, fanIn, seed);
                    widths[node.Outputs[0]] = fanIn;
                    if (node.HasInput(2)) DrawBias(node.Inputs[2], fanIn);
                    break;
                case "Add" when node.Inputs.FirstOrDefault(widths.ContainsKey) is { } product:
                    DrawBias(node.Inputs.First(i => i != product), widths[product]);
                    break;
                case "BatchNormalization":
                    for (int i = 1; i <= 2; i++)
                    {
                        if (graph.IsParameter(node.Inputs[i])) model.Weights.Span(places[node.Inputs[i]]).Fill(i == 1 ? 1 : 0);
                    }

                    break;
            }
        }

        model.WeightsChanged();

        void DrawBias(string name, long fanIn)
        {
            if (places.TryGetValue(name, out int bias)) Draw(model, bias, fanIn, seed);
        }
    }

    // What one output sums over: a row of a weight [outputs, inputs…], a column of one stored [inputs, outputs].
    private static long FanIn(GraphNode node, DataArray weight) =>
        node.OpType == "Conv" || (node.OpType == "Gemm" && node.Integer("transB", 0) != 0)
            ? weight.Length / Math.Max(weight.Shape[0], 1)
            : weight.Shape.Count < 2 ? weight.Length : weight.Shape[^2];

    private static void Draw(OnnxModel model, int place, long fanIn, ulong seed)
    {
        if (!model.Graph.IsParameter(model.Graph.Initializers[place].Name)) return;
        PhiloxSequence random = new(seed, (uint)place, PhiloxSequence.Weights);
        float bound = 1 / MathF.Sqrt(Math.Max(fanIn, 1));
        foreach (ref float value in model.Weights.Span(place)) value = ((2 * random.Uniform()) - 1) * bound;
    }
}
