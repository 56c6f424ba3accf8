using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Takes a batch's arrays into a pass, once they are what the graph declares.</summary>
internal static unsafe class InputReader
{
    public static void Read(OnnxGraph graph, ForwardPass pass, Batch batch)
    {
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            GraphValue input = graph.Inputs[i];
            if (!batch.TryGet(input.Name, out DataArray? array))
                throw new TrakException($"The model {graph.Name} reads '{input.Name}' {input.ShapeText}, which the batch lacks; it has {string.Join(", ", batch.Names)}.");
            CheckShape(graph, input, array);
            long[] shape = [.. array.Shape];
            if (!input.Type.IsFloat())
            {
                if (array.Type.IsFloat())
                    throw new TrakException($"The model {graph.Name} reads whole numbers ({input.Type}) from '{input.Name}'; the batch brings {array.Type}.");
                pass.Set(i, new Tensor(array.ToLongs(), shape, batched: true));
                continue;
            }

            float* data = pass.Rent(array.Length);
            Span<float> values = new(data, checked((int)array.Length));
            array.CopyTo(values);
            CheckFinite(input.Name, array, values);
            pass.Set(i, new Tensor(data, shape, batched: true));
        }
    }

    private static void CheckShape(OnnxGraph graph, GraphValue input, DataArray array)
    {
        if (input.Shape is not { } declared) return;
        bool fits = declared.Count == array.Shape.Count;

        // Many files state the number of examples they were made with. It binds nobody: a node that cannot do with another
        // is refused when it runs.
        for (int axis = 1; fits && axis < declared.Count; axis++) fits = declared[axis] is null || declared[axis] == array.Shape[axis];
        if (!fits)
            throw new TrakException($"The model {graph.Name} wants '{input.Name}' as {input.ShapeText}; the batch brings {Shapes.Text(array.Shape)}.");
    }

    private static void CheckFinite(string name, DataArray array, ReadOnlySpan<float> values)
    {
        long position = FloatCheck.FirstNotFinite(values);
        if (position < 0) return;
        long example = position / (array.Length / array.Shape[0]);
        throw new TrakException($"'{name}' holds {values[(int)position]} in example {example} of the batch; every value must be finite.");
    }
}
