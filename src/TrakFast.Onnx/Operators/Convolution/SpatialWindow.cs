using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// The attributes that convolutions and pools share (kernel, strides, dilations, pads), checked, and what they come to
/// for an input of a given size.
/// </summary>
internal sealed class SpatialWindow
{
    /// <summary>Most elements of a map's channel, or of a patch.</summary>
    public const int MostPositions = 1 << 28;

    private const int Largest = 1 << 16;
    private readonly GraphNode _node;
    private readonly IReadOnlyList<long>? _kernel;
    private readonly IReadOnlyList<long>? _strides;
    private readonly IReadOnlyList<long>? _dilations;
    private readonly IReadOnlyList<long>? _pads;
    private readonly string _autoPad;
    private readonly bool _ceil;

    public SpatialWindow(NodeBuilder builder)
    {
        GraphNode node = _node = builder.Node;
        _kernel = node.Integers("kernel_shape");
        _strides = node.Integers("strides");
        _dilations = node.Integers("dilations");
        _pads = node.Integers("pads");
        _autoPad = node.Text("auto_pad", "NOTSET");
        _ceil = node.Integer("ceil_mode", 0) != 0;
        if (_autoPad is not ("NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER"))
            throw node.Wrong($"has the unknown auto_pad '{_autoPad}'");
    }

    /// <summary>The geometry for an input [N, C, S…].</summary>
    /// <param name="shape">The input's shape.</param>
    /// <param name="kernel">The weight's kernel sizes, or null for a pool, which states its own.</param>
    /// <param name="groups">Groups.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="padsEnd">The trailing pads without what ceil_mode lets the last window hang over.</param>
    public ConvolutionGeometry For(ReadOnlySpan<long> shape, ReadOnlySpan<long> kernel, int groups, int outputs, out int[] padsEnd)
    {
        int axes = shape.Length - 2;
        if (axes is < 1 or > 3) throw _node.Wrong($"reads {Shapes.Text(shape.ToArray())}; one to three spatial axes are supported");
        int[] input = Sizes(_node, "an input", shape[2..].ToArray(), axes, 1, MostPositions);
        int[] window = kernel.IsEmpty
            ? Sizes("kernel_shape", _kernel ?? throw _node.Wrong("has no kernel_shape"), axes, 1)
            : Sizes("a weight", kernel.ToArray(), axes, 1);
        if (!kernel.IsEmpty && _kernel is not null && !_kernel.SequenceEqual(kernel.ToArray()))
            throw _node.Wrong($"has kernel_shape {Shapes.Text(_kernel)} but a weight with the kernel {Shapes.Text(kernel.ToArray())}");
        int[] strides = Sizes("strides", _strides, axes, 1), dilations = Sizes("dilations", _dilations, axes, 1);
        (int[] begin, int[] end) = Pads(axes, input, window, strides, dilations);
        padsEnd = [.. end];
        for (int i = 0; i < axes; i++)
        {
            long reach = (long)dilations[i] * (window[i] - 1) + 1, padded = (long)input[i] + begin[i] + end[i];
            if (reach > padded || padded > int.MaxValue)
                throw _node.Wrong($"has a kernel that reaches over {reach} elements of axis {i + 2}, which has {padded} with its pads");
            if (kernel.IsEmpty && Math.Max(begin[i], end[i]) >= reach)
                throw _node.Wrong($"has pads of {begin[i]} and {end[i]} around axis {i + 2}, more than its kernel reaches");
            if (_ceil) end[i] += Ceil(input[i], begin[i], end[i], reach, strides[i]);
        }

        ConvolutionGeometry geometry = new(groups, checked((int)shape[1]), outputs, input, window, strides, dilations, begin, end);
        Int128 positions = geometry.Output.Aggregate((Int128)1, static (product, size) => product * size);
        Int128 patch = window.Aggregate((Int128)shape[1], static (product, size) => product * size);
        if (positions > MostPositions || patch > MostPositions
            || input.Aggregate((Int128)1, static (product, size) => product * size) > MostPositions)
            throw _node.Wrong(
                $"would make {positions} outputs of a channel from {Shapes.Text(shape.ToArray())}, each from {patch} elements; "
                + $"{MostPositions} are supported");
        return geometry;
    }

    // With ceil_mode the last window may hang over the end, but must not begin behind the input and its leading pad.
    private static int Ceil(int input, int begin, int end, long reach, int stride)
    {
        long room = input + begin + end - reach;
        long outputs = ((room + stride - 1) / stride) + 1;
        if ((outputs - 1) * stride >= input + begin) outputs--;
        return (int)Math.Max(((outputs - 1) * stride) - room, 0);
    }

    private (int[] Begin, int[] End) Pads(int axes, int[] input, int[] window, int[] strides, int[] dilations)
    {
        int[] begin = new int[axes], end = new int[axes];
        if (_autoPad == "VALID") return (begin, end);
        if (_autoPad == "NOTSET")
        {
            if (_pads is null) return (begin, end);
            int[] pads = Sizes("pads", _pads, 2 * axes, 0);
            return (pads[..axes], pads[axes..]);
        }

        for (int i = 0; i < axes; i++)
        {
            // As many outputs as ⌈input / stride⌉; an odd pad is longer behind (UPPER) or in front (LOWER).
            long outputs = ((long)input[i] + strides[i] - 1) / strides[i];
            long total = Math.Max(((outputs - 1) * strides[i]) + ((long)dilations[i] * (window[i] - 1)) + 1 - input[i], 0);
            long shorter = total / 2;
            if (total > Largest) throw _node.Wrong($"would pad axis {i + 2} by {total} elements");
            begin[i] = (int)(_autoPad == "SAME_UPPER" ? shorter : total - shorter);
            end[i] = (int)(total - begin[i]);
        }

        return (begin, end);
    }

    private int[] Sizes(string what, IReadOnlyList<long>? values, int count, int smallest) => Sizes(_node, what, values, count, smallest);

    /// <summary>Checked sizes, one each where they are left out.</summary>
    public static int[] Sizes(GraphNode node, string what, IReadOnlyList<long>? values, int count, int smallest, int largest = Largest)
    {
        if (values is null) return [.. Enumerable.Repeat(1, count)];
        if (values.Count != count || values.Any(v => v < smallest || v > largest))
            throw node.Wrong($"has {what} of {Shapes.Text(values)}; {count} whole numbers from {smallest} to {largest} are wanted");
        return [.. values.Select(static v => (int)v)];
    }
}
