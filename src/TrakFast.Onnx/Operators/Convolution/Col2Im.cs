namespace TrakFast.Onnx;

/// <summary>
/// Patches [N, C·kernel, L] added up to an image [N, C, S…]: a transposed convolution whose weight hands every element of
/// a patch to its own tap.
/// </summary>
internal static class Col2Im
{
    public static IReadOnlyList<GraphNode> Lower(NodeBuilder node)
    {
        node.Expect(3, 0, severalOutputs: false);
        Value x = node.Peek(0);
        int axes = node.Integers(1).Length;
        long[] image = [.. SpatialWindow.Sizes(node.Node, "an image", node.Integers(1), axes, 1)],
            kernel = [.. SpatialWindow.Sizes(node.Node, "a patch", node.Integers(2), axes, 1)];
        if (axes is < 1 or > 3 || x.Rank != 3 || x.Shape[1] < 1 || x.Shape[1] % Shapes.Count(kernel) != 0)
            throw node.Refuse(
                $"puts {x} together to an image {Shapes.Text(image)} from patches of {Shapes.Text(kernel)}, which do not fit");
        long taps = Shapes.Count(kernel), channels = x.Shape[1] / taps;
        int[] strides = SpatialWindow.Sizes(node.Node, "strides", node.Node.Integers("strides"), axes, 1);
        int[] dilations = SpatialWindow.Sizes(node.Node, "dilations", node.Node.Integers("dilations"), axes, 1);
        int[] pads = SpatialWindow.Sizes(node.Node, "pads", node.Node.Integers("pads") ?? new long[2 * axes], 2 * axes, 0);
        long[] positions = new long[axes], extra = new long[axes];
        for (int i = 0; i < axes; i++)
        {
            long room = image[i] + pads[i] + pads[i + axes] - (dilations[i] * (kernel[i] - 1)) - 1;
            if (room < 0) throw node.Refuse($"has patches of {Shapes.Text(kernel)} that are larger than its image {Shapes.Text(image)}");
            (positions[i], extra[i]) = ((room / strides[i]) + 1, room % strides[i]);
        }

        if (Shapes.Count(positions) != x.Shape[2])
            throw node.Refuse($"reads {x} where {Shapes.Count(positions)} patches make its image {Shapes.Text(image)}");
        Lowered lowered = new(node);
        string one = lowered.Add("EyeLike", [lowered.Add("ConstantOfShape", [lowered.Integers(taps, taps)])]);
        string each = lowered.Add("Expand", [one, lowered.Integers(channels, taps, taps)]);
        string weight = lowered.Add("Reshape", [each, lowered.Integers([channels * taps, 1, .. kernel])]);
        string maps = lowered.Add("Reshape", [node.Node.Inputs[0], lowered.Integers([0, channels * taps, .. positions])]);
        lowered.Add(
            "ConvTranspose",
            [maps, weight],
            KeyValuePair.Create<string, AttributeValue>("group", new IntegerAttribute(channels)),
            Sizes("strides", strides),
            Sizes("dilations", dilations),
            Sizes("pads", pads),
            KeyValuePair.Create<string, AttributeValue>("output_padding", new IntegersAttribute(extra)));
        return lowered.Finish();
    }

    private static KeyValuePair<string, AttributeValue> Sizes(string name, int[] values) =>
        KeyValuePair.Create<string, AttributeValue>(name, new IntegersAttribute([.. values.Select(static v => (long)v)]));
}
