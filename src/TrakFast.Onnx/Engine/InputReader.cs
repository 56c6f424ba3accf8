using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Takes a batch's arrays into a pass, once they are what the graph declares.</summary>
internal static unsafe class InputReader
{
    // Whole numbers are kept as float32, which holds all of them up to here.
    private const long MostWhole = 1 << 24;

    /// <summary>One example's shape of each input, without the examples' axis.</summary>
    public static long[][] Shapes(OnnxGraph graph, Batch batch) => [.. graph.Inputs.Select(input =>
    {
        DataArray array = InputRules.Require(batch, graph.Name, input.Name, input.ShapeText);
        long[] example = [.. array.Shape.Skip(1)];
        if (!Fits(graph, input, example))
            throw new InputException(
                $"The model {graph.Name} wants '{input.Name}' as {input.ShapeText}; the batch brings {TrakFast.Shapes.Text(array.Shape)}.");
        if (!input.Type.IsFloat() && array.Type.IsFloat())
            throw new InputException(
                $"The model {graph.Name} reads whole numbers ({input.Type}) from '{input.Name}'; the batch brings {array.Type}.");
        return example;
    })];

    /// <summary>The same as the file declares them, with the sizes given that it leaves open.</summary>
    public static long[][] Shapes(OnnxGraph graph, IReadOnlyDictionary<string, IReadOnlyList<long>>? given) =>
        [.. graph.Inputs.Select(input =>
        {
            if (given is not null && given.TryGetValue(input.Name, out IReadOnlyList<long>? shape))
            {
                return Fits(graph, input, shape)
                    ? shape.ToArray()
                    : throw new InputException(
                        $"The model {graph.Name} wants '{input.Name}' as {input.ShapeText}; "
                        + $"given are examples of {TrakFast.Shapes.Text(shape)}.");
            }

            return Declared(graph, input) is { } declared && declared.All(static s => s is not null)
                ? declared.Select(static s => s!.Value).ToArray()
                : throw new InputException(
                    $"The model {graph.Name} leaves sizes of '{input.Name}' {input.ShapeText} open; give its shape for one example.");
        })];

    public static void Read(ForwardPass pass, Batch batch)
    {
        OnnxGraph graph = pass.Program.Graph;
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            GraphValue input = graph.Inputs[i];
            DataArray array = batch[input.Name];
            Span<float> values = new(pass.Allocate(pass.Program.Inputs[i]), checked((int)array.Length));
            Read(input, array, values);
        }
    }

    /// <summary>Converts one input's array to float32, and checks its values.</summary>
    public static void Read(GraphValue input, DataArray array, Span<float> values)
    {
        array.CopyTo(values);
        if (input.Type.IsFloat()) InputRules.CheckFinite(input.Name, array, values);
        else if (!array.Type.IsFloat()) CheckWhole(input.Name, array, values);
    }

    // One example's sizes as the file declares them, null where it leaves one open; null where it says nothing.
    private static long?[]? Declared(OnnxGraph graph, GraphValue input)
    {
        int examples = ExampleAxes.Of(graph, input);
        return input.Shape?.Where((_, axis) => axis != examples).ToArray();
    }

    // Many files state the number of examples they were made with. It binds nobody: a node that cannot do with another is
    // refused when it runs.
    private static bool Fits(OnnxGraph graph, GraphValue input, IReadOnlyList<long> example)
    {
        if (input.Shape is not { } all || Declared(graph, input) is not { } declared) return true;
        return all.Count == example.Count + 1 && !declared.Where((size, axis) => size is not null && size != example[axis]).Any();
    }

    private static void CheckWhole(string name, DataArray array, ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (MathF.Abs(values[i]) > MostWhole)
                throw new InputException(
                    $"'{name}' holds {array.ToLongs()[i]} in example {i / (array.Length / array.Shape[0])} of the batch; "
                    + $"whole numbers up to {MostWhole} are supported.");
        }
    }
}
