namespace TrakFast.Onnx;

/// <summary>
/// What the attributes and inputs of a Resize or Upsample node ask for: each axis' size or factor, where an output lies
/// among the input's elements, and how those around it are weighted. Places are worked out in the precision that runtimes
/// use, float32 but for one mode, so that ties fall the same way.
/// </summary>
internal sealed class ResizeSettings
{
    private const int FirstWithCoordinates = 11;
    private const int Largest = 1 << 22;
    private readonly NodeBuilder _node;
    private readonly Value _x;
    private readonly string _mode;
    private readonly string _coordinates;
    private readonly string _nearest;
    private readonly bool _antialias;
    private readonly bool _excludeOutside;
    private readonly float _a;

    public ResizeSettings(NodeBuilder node, Value x)
    {
        (_node, _x) = (node, x);
        bool old = node.Node.OpType == "Upsample" || node.Opset < FirstWithCoordinates;
        _mode = node.Node.Text("mode", "nearest");
        _coordinates = old ? "asymmetric" : node.Node.Text("coordinate_transformation_mode", "half_pixel");
        _nearest = old ? "floor" : node.Node.Text("nearest_mode", "round_prefer_floor");
        _antialias = node.Node.Integer("antialias", 0) != 0;
        _excludeOutside = node.Node.Integer("exclude_outside", 0) != 0;
        _a = node.Node.Number("cubic_coeff_a", -0.75f);
        if (_mode is not ("nearest" or "linear" or "cubic")) throw node.Refuse($"has the unknown mode '{_mode}'");
        if (_nearest is not ("round_prefer_floor" or "round_prefer_ceil" or "floor" or "ceil"))
            throw node.Refuse($"has the unknown nearest_mode '{_nearest}'");
        if (_coordinates is not ("half_pixel" or "half_pixel_symmetric" or "pytorch_half_pixel"
            or "align_corners" or "asymmetric" or "tf_half_pixel_for_nn" or "tf_crop_and_resize"))
            throw node.Refuse($"has the unknown coordinate_transformation_mode '{_coordinates}'");
        int[] axes = [.. (node.Node.Integers("axes") ?? [.. Enumerable.Range(0, x.Rank).Select(static i => (long)i)])
            .Select(a => node.Axis(a, x.Rank))];
        Axes = new ResampledAxis?[x.Rank];
        float[]? factors = Floats(old ? 1 : 2, axes.Length, "factors"),
            region = _coordinates == "tf_crop_and_resize" ? Floats(1, 2 * axes.Length, "a region") : null;
        if (region is null && _coordinates == "tf_crop_and_resize") throw node.Refuse("has no region to crop");
        (int Output, float Factor)?[] asked = factors is not null ? FromFactors(axes, factors) : FromSizes(axes, old ? 1 : 3);
        for (int i = 0; i < axes.Length; i++)
        {
            (float from, float to) = region is null ? (0, 1) : (region[i], region[i + axes.Length]);
            if (asked[i] is not { } wanted || (wanted.Factor == 1 && wanted.Output == x.Shape[axes[i]] && (from, to) == (0, 1))) continue;
            Axes[axes[i]] = Axis(checked((int)x.Shape[axes[i]]), wanted.Output, wanted.Factor, from, to);
        }
    }

    /// <summary>Each axis' map; null for one that stays as it is.</summary>
    public ResampledAxis?[] Axes { get; }

    // Constant numbers, or null where the input is left out or empty.
    private float[]? Floats(int input, int count, string what)
    {
        if (!_node.Has(input) || _node.Peek(input).Length == 0) return null;
        Value values = _node.Peek(input);
        if (values.Length != count) throw _node.Refuse($"has {what} of shape {values} for {count} numbers");
        return values.Constant is { } constant
            ? constant[..count]
            : throw _node.Refuse($"computes {what} from the examples or the weights; constant numbers are wanted");
    }

    private (int, float)?[] FromFactors(int[] axes, float[] factors) => [.. axes.Select((axis, i) =>
    {
        float factor = factors[i], size = MathF.Floor(_x.Shape[axis] * factor);
        if (factor == 1) return ((int, float)?)null;
        _node.RefuseExamples(axis, _x);
        if (!(factor > 0) || !(size >= 1 && size <= Largest))
            throw _node.Refuse($"would resize axis {axis} of {_x} by a factor of {factor}");
        return ((int)size, factor);
    })];

    private (int, float)?[] FromSizes(int[] axes, int input)
    {
        if (!_node.Has(input)) throw _node.Refuse("has neither factors nor sizes");
        Value sizes = _node.Sizes(input);
        long[] seen = _node.Seen(_x);
        if (sizes.Length != axes.Length) throw _node.Refuse($"has sizes of shape {sizes} for {axes.Length} axes");
        string policy = _node.Node.Text("keep_aspect_ratio_policy", "stretch");
        if (policy is not ("stretch" or "not_larger" or "not_smaller"))
            throw _node.Refuse($"has the unknown keep_aspect_ratio_policy '{policy}'");
        float[] factors = [.. axes.Select((axis, i) => (float)sizes.Numbers![i] / seen[axis])];
        float[] own = [.. factors.Where((_, i) => !HoldsExamples(axes[i]))];
        float shared = own.Length == 0 ? 1 : policy == "not_larger" ? own.Min() : own.Max();
        return [.. axes.Select((axis, i) =>
        {
            // A file traced with some number of examples may hold that number for their axis; it binds nobody.
            long size = sizes.Numbers![i];
            if (HoldsExamples(axis) || (size == seen[axis] && (policy == "stretch" || shared == 1))) return ((int, float)?)null;
            if (sizes.MarkOf(i) != Mark.None || size is < 1 or > Largest)
                throw _node.Refuse($"would resize axis {axis} of {_x} to {size} elements");
            return policy == "stretch" ? ((int)size, factors[i]) : (Math.Max((int)MathF.Floor((shared * seen[axis]) + 0.5f), 1), shared);
        })];
    }

    private bool HoldsExamples(int axis) => _x.Placement.HasAxis && _x.Placement.Axis == axis && _x.Shape[axis] == 1;

    private ResampledAxis Axis(int input, int output, float factor, float from, float to) => ResampledAxis.Of(
        input, Enumerable.Range(0, output).Select(o =>
            Terms(factor == 1 && _coordinates != "tf_crop_and_resize" ? o : Place(o, input, output, factor, from, to), input, factor)));

    private IReadOnlyList<(int Source, float Weight)> Terms(float place, int input, float factor)
    {
        if (_coordinates == "tf_crop_and_resize" && (place < 0 || place > input - 1)) return [];
        return _mode == "nearest"
            ? [(Math.Clamp(Nearest(place), 0, input - 1), 1)]
            : Around(place, input, _antialias && factor < 1 ? factor : 1);
    }

    private float Place(int o, int input, int output, float factor, float from, float to) => _coordinates switch
    {
        "half_pixel" => ((o + 0.5f) / factor) - 0.5f,
        "half_pixel_symmetric" => (float)((input / 2f * (1 - (output / (factor * input)))) + ((o + 0.5) / factor) - 0.5),
        "pytorch_half_pixel" => output > 1 ? ((o + 0.5f) / factor) - 0.5f : 0,
        "align_corners" => output > 1 ? o * (float)(input - 1) / (output - 1) : 0,
        "tf_half_pixel_for_nn" => (o + 0.5f) / factor,
        "tf_crop_and_resize" => output > 1
            ? (from * (input - 1)) + (o * (to - from) * (input - 1) / (output - 1))
            : 0.5f * (from + to) * (input - 1),
        _ => o / factor,
    };

    private int Nearest(float place) => (int)(_nearest switch
    {
        "floor" => MathF.Floor(place),
        "ceil" => MathF.Ceiling(place),
        "round_prefer_floor" when place - MathF.Floor(place) == 0.5f => MathF.Floor(place),
        _ => MathF.Round(place, MidpointRounding.AwayFromZero),
    });

    // The filter's weights around a place; with a factor below 1 it is stretched, so that no element is passed over.
    private IReadOnlyList<(int Source, float Weight)> Around(float place, int input, float stretch)
    {
        float reach = (_mode == "cubic" ? 2 : 1) / stretch, total = 0;
        List<(int Source, float Weight)> terms = [];
        for (int i = (int)MathF.Ceiling(place - reach); i <= MathF.Floor(place + reach); i++)
        {
            float weight = Filter(MathF.Abs(i - place) * stretch);
            if (_excludeOutside && (i < 0 || i >= input)) continue;
            terms.Add((Math.Clamp(i, 0, input - 1), weight));
            total += weight;
        }

        return !_excludeOutside && !_antialias ? terms : [.. terms.Select(t => (t.Source, t.Weight / total))];
    }

    private float Filter(float t)
    {
        if (_mode != "cubic") return MathF.Max(1 - t, 0);
        return t <= 1 ? ((((_a + 2) * t) - (_a + 3)) * t * t) + 1
            : t < 2 ? ((((((_a * t) - (5 * _a)) * t) + (8 * _a)) * t) - (4 * _a))
            : 0;
    }
}
