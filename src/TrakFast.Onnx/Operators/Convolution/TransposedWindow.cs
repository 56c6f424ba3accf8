using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// A transposed convolution's geometry, as that of the convolution that it turns round: from its output [N, O, P…] to its
/// input [N, C, S…], with the same weight [C, O/groups, kernel…].
/// </summary>
internal static class TransposedWindow
{
    public static ConvolutionGeometry Of(GraphNode node, Value x, Value weight, int groups, int channels)
    {
        int axes = x.Rank - 2;
        if (axes is < 1 or > 3) throw node.Wrong($"reads {x}; one to three spatial axes are supported");
        int[] input = SpatialWindow.Sizes(node, "an input", x.Shape[2..], axes, 1, SpatialWindow.MostPositions),
            kernel = SpatialWindow.Sizes(node, "a weight", weight.Shape[2..], axes, 1);
        if (node.Integers("kernel_shape") is { } stated && !stated.SequenceEqual(weight.Shape[2..]))
            throw node.Wrong($"has kernel_shape {Shapes.Text(stated)} but a weight {weight}");
        int[] strides = SpatialWindow.Sizes(node, "strides", node.Integers("strides"), axes, 1),
            dilations = SpatialWindow.Sizes(node, "dilations", node.Integers("dilations"), axes, 1);
        long[] zeros = new long[2 * axes];
        int[] extra = SpatialWindow.Sizes(node, "output_padding", node.Integers("output_padding") ?? zeros[..axes], axes, 0);
        int[] pads = SpatialWindow.Sizes(node, "pads", node.Integers("pads") ?? zeros, 2 * axes, 0);
        int[]? wanted = node.Integers("output_shape") is { } asked ? SpatialWindow.Sizes(node, "output_shape", asked, axes, 1) : null;
        string autoPad = node.Text("auto_pad", "NOTSET");
        if (autoPad is not ("NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER")) throw node.Wrong($"has the unknown auto_pad '{autoPad}'");
        int[] begin = new int[axes], end = new int[axes], output = new int[axes];
        for (int i = 0; i < axes; i++)
        {
            // All that the kernel reaches, and what the pads cut off.
            long reached = ((long)strides[i] * (input[i] - 1)) + ((long)dilations[i] * (kernel[i] - 1)) + 1, whole = reached + extra[i];
            long? size = wanted is not null ? wanted[i]
                : autoPad.StartsWith("SAME", StringComparison.Ordinal) ? (long)input[i] * strides[i]
                : null;
            if (size is { } target)
            {
                int cut = checked((int)Math.Max(whole - target, 0));
                begin[i] = autoPad == "SAME_UPPER" ? cut / 2 : cut - (cut / 2);
                end[i] = cut - begin[i];
                if (wanted is not null) whole = Math.Max(whole, target);
            }
            else if (autoPad == "NOTSET") (begin[i], end[i]) = (pads[i], pads[i + axes]);

            long left = whole - begin[i] - end[i];
            if (left is < 1 or > SpatialWindow.MostPositions || whole - reached >= strides[i])
                throw node.Wrong(
                    $"would make {left} elements of axis {i + 2} from {x}, {reached} of which its kernel reaches; at least one, "
                    + $"and fewer than the stride {strides[i]} beyond the kernel, are wanted");
            output[i] = (int)left;
        }

        Int128 positions = output.Aggregate((Int128)1, static (product, size) => product * size),
            patch = kernel.Aggregate((Int128)channels, static (product, size) => product * size);
        if (positions > SpatialWindow.MostPositions || patch > SpatialWindow.MostPositions)
            throw node.Wrong($"would make {positions} outputs of a channel from {x}; {SpatialWindow.MostPositions} are supported");
        return new ConvolutionGeometry(groups, channels, checked((int)x.Shape[1]), output, kernel, strides, dilations, begin, end);
    }
}
